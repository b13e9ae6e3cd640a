/** What GitHub says of the repository's set-up. */
import { isOurs, type Asked, type Checker, type RequiredCheck, type Setup } from '../../github/setup.ts';
import { visibleSentence } from '../../report/inert.ts';
import { finding, quoted, type Finding } from './finding.ts';

/** Slug of the App that every workflow's token belongs to. */
const actionsSlug = 'github-actions';
const actionsId = 15_368;

/** What the workflows need to know; undefined: nobody said. */
export interface Known {
  readonly isRequired: boolean | undefined;
  readonly hasMergeQueue: boolean | undefined;
  readonly hasApp: boolean | undefined;
}

export const nothingKnown: Known = { isRequired: undefined, hasMergeQueue: undefined, hasApp: undefined };

export function knownOf(setup: Setup): Known {
  const { protection, rules, checkers } = setup;
  const whole = 'told' in protection && 'told' in rules;
  return {
    isRequired: requiredOf(setup).length > 0 ? true : whole ? false : undefined,
    hasMergeQueue: 'told' in rules ? rules.told.hasMergeQueue : undefined,
    hasApp: 'told' in checkers ? appsOf(checkers.told).length > 0 : undefined,
  };
}

export function githubFindings(setup: Setup, runsAction: boolean): readonly Finding[] {
  const { repository } = setup;
  if ('refused' in repository) return [notAsked('repository', 'the repository', repository.refused)];
  const { isPrivate, defaultBranch } = repository.told;
  const branch = quoted(defaultBranch);
  return [
    finding(
      'repository',
      'ok',
      `the repository is ${isPrivate ? 'private' : 'public'}, its default branch is ${branch}`,
    ),
    ...(isPrivate ? [privateFinding] : []),
    ...requiredFindings(setup, branch),
    ...sourceFindings(setup),
    mergeQueueFinding(setup, branch),
    appFinding(setup, runsAction),
  ];
}

const privateFinding = finding(
  'private',
  'ok',
  'private: pictures come from a branch or the App, never from QuickChart; the text form is there in any case',
);

function notAsked(id: string, what: string, reason: string): Finding {
  return finding(id, 'unknown', `${what} could not be asked: ${visibleSentence(reason)}`);
}

function told<Value>(asked: Asked<Value>): Value | undefined {
  return 'told' in asked ? asked.told : undefined;
}

function requiredOf({ protection, rules }: Setup): readonly RequiredCheck[] {
  return [...(told(protection) ?? []), ...(told(rules)?.required ?? [])].filter(({ name }) => isOurs(name));
}

function appsOf(checkers: readonly Checker[]): readonly Checker[] {
  return checkers.filter(({ slug }) => slug !== actionsSlug);
}

function requiredFindings(setup: Setup, branch: string): readonly Finding[] {
  const { protection, rules } = setup;
  const refusals = [
    ...('refused' in protection ? [notAsked('required-check', `the protection of ${branch}`, protection.refused)] : []),
    ...('refused' in rules ? [notAsked('required-check', `the rules of ${branch}`, rules.refused)] : []),
  ];
  const required = requiredOf(setup);
  if (required.length > 0) {
    const by = [...new Set(required.map(({ name, by: where }) => `${quoted(name)} by ${where}`))].join(', ');
    return [finding('required-check', 'ok', `required on ${branch}: ${by}`)];
  }
  if (refusals.length > 0) return refusals;
  const message = `the check is not required on ${branch}, so it informs and holds no merge`;
  return [
    finding('required-check', 'warning', message, [
      'Settings > Rules > Rulesets > Require status checks to pass: model-budget',
    ]),
  ];
}

/** Any App, and everybody who may write statuses, can make a check of that name. */
function sourceFindings(setup: Setup): readonly Finding[] {
  const checkers = told(setup.checkers) ?? [];
  const [app] = appsOf(checkers);
  return requiredOf(setup).map(({ name, appId, by }) => {
    const source = app === undefined ? 'GitHub Actions' : app.slug;
    const lines = [`Required check ${name}, source: ${source}`];
    if (appId === null) {
      const message = `${quoted(name)} is required by ${by} from any source: whoever may write statuses can pass it`;
      return finding('check-source', 'warning', message, lines);
    }
    if (app !== undefined && appId !== app.id) {
      const pinned = appId === actionsId ? 'GitHub Actions' : `the App ${String(appId)}`;
      const message = `${quoted(name)} must come from ${pinned}, while the App ${quoted(app.slug)} makes it too: under \`pull_request\` who may push decides what the Action says; pin the App as the check's source`;
      return finding('check-source', 'warning', message, lines);
    }
    const known = checkers.find(({ id }) => id === appId)?.slug ?? (appId === actionsId ? actionsSlug : undefined);
    if (known === undefined) {
      const message = `${quoted(name)} must come from the App ${String(appId)}, which made no such check lately: a merge may wait for it in vain`;
      return finding('check-source', 'warning', message, lines);
    }
    return finding('check-source', 'ok', `${quoted(name)} must come from ${quoted(known)}`);
  });
}

function mergeQueueFinding({ rules }: Setup, branch: string): Finding {
  if ('refused' in rules) return notAsked('merge-queue', 'the merge queue', rules.refused);
  const state = rules.told.hasMergeQueue ? 'goes through a merge queue' : 'has no merge queue that a ruleset asks for';
  return finding('merge-queue', 'ok', `${branch} ${state}`);
}

function appFinding({ checkers }: Setup, runsAction: boolean): Finding {
  if ('refused' in checkers) return notAsked('app', 'who makes the check', checkers.refused);
  const apps = appsOf(checkers.told).map(({ slug }) => quoted(slug));
  const action = runsAction || checkers.told.some(({ slug }) => slug === actionsSlug);
  if (apps.length === 0) {
    const message = action
      ? 'the Action makes the check; no App does'
      : 'no check of ours on the default branch or the latest pull requests yet';
    return finding('app', 'ok', message);
  }
  const names = apps.join(', ');
  if (!action) return finding('app', 'ok', `the App ${names} makes the check`);
  const message = `the Action and the App ${names} are both set up: the App completes a check of its own and leaves the comment to the Action; pin the App as the check's source`;
  return finding('app', 'ok', message);
}
