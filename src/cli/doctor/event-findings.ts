/** Which events the workflows answer to, and which they should. */
import { yamlText } from '../yaml-text.ts';
import { finding, quoted, type Finding } from './finding.ts';
import type { Surroundings } from './surroundings.ts';
import type { EventFilter, Workflow } from './workflow.ts';

interface Heard {
  readonly path: string;
  readonly event: string;
  readonly filter: EventFilter;
}

const ofPullRequests: readonly string[] = ['pull_request', 'pull_request_target'];

export function eventFindings(workflows: readonly Workflow[], around: Surroundings): readonly Finding[] {
  const heard = workflows.flatMap(({ path, events }) =>
    [...events].map(([event, filter]): Heard => ({ path, event, filter })),
  );
  const hears = (event: string) => heard.some((one) => one.event === event);
  const path = quoted(workflows[0]?.path ?? '');
  return [
    ...pullRequestFindings(heard, path),
    ...pathFindings(heard, around),
    ...(hears('merge_group') ? [] : mergeQueueFindings(path, around)),
    ...(hears('issue_comment') ? [] : commandFindings(path, around)),
    ...(hears('push') || !around.usesLfs ? [] : [cacheFinding(path, around)]),
  ];
}

const typesLine = 'types: [opened, synchronize, reopened, edited]';

function pullRequestFindings(heard: readonly Heard[], path: string): readonly Finding[] {
  const asked = heard.filter(({ event }) => ofPullRequests.includes(event));
  if (asked.length === 0) {
    const message = `${path}: no pull request starts it`;
    return [finding('workflow-events', 'error', message, ['on:', '  pull_request:', `    ${typesLine}`])];
  }
  return asked.flatMap(({ path: where, event, filter: { types } }) => {
    const lines = ['on:', `  ${event}:`, `    ${typesLine}`];
    const lacks = ['opened', 'synchronize', 'reopened'].filter((type) => types?.includes(type) === false);
    if (lacks.length > 0) {
      const message = `${quoted(where)}: \`${event}\` leaves out ${lacks.join(', ')}: such a pull request keeps an old check or has none`;
      return [finding('workflow-events', 'error', message, lines)];
    }
    if (types?.includes('edited') === true) return [];
    const message = `${quoted(where)}: \`${event}\` without \`edited\`: when the base changes, the budgets of the old one stay`;
    return [finding('workflow-edited', 'warning', message, lines)];
  });
}

function pathFindings(heard: readonly Heard[], { isRequired }: Surroundings): readonly Finding[] {
  return heard
    .filter(({ event, filter }) => filter.hasPaths && (ofPullRequests.includes(event) || event === 'merge_group'))
    .map(({ path, event }) =>
      finding(
        'workflow-paths',
        isRequired === true ? 'error' : 'warning',
        `${quoted(path)}: a \`paths\` filter under \`${event}\`: where it skips the workflow, a required check stays pending for ever; remove it, a run without changed models takes seconds`,
      ),
    );
}

function mergeQueueFindings(path: string, { hasMergeQueue }: Surroundings): readonly Finding[] {
  if (hasMergeQueue === false) return [];
  const level = hasMergeQueue === true ? 'error' : 'warning';
  const why =
    hasMergeQueue === true
      ? 'the merge queue waits for the check in vain'
      : 'with a merge queue the check would never come';
  return [finding('workflow-merge-queue', level, `${path}: no \`merge_group\`: ${why}`, ['on:', '  merge_group:'])];
}

function commandFindings(path: string, { hasApp, wantsCommands }: Surroundings): readonly Finding[] {
  if (hasApp === true || !wantsCommands) return [];
  const message = `${path}: no \`issue_comment\`: slash commands are not answered`;
  return [finding('workflow-commands', 'warning', message, ['on:', '  issue_comment:', '    types: [created]'])];
}

function cacheFinding(path: string, { defaultBranch }: Surroundings): Finding {
  const message = `${path}: no \`push\`: objects of Git LFS are fetched anew for every pull request, which its bandwidth pays for`;
  const lines = ['on:', '  push:', `    branches: [${yamlText(defaultBranch)}]`];
  return finding('workflow-cache', 'warning', message, lines);
}
