/** What is missing in the workflows that run the Action, and what should not be there. */
import { finding, quoted, type Finding } from './finding.ts';
import { eventFindings } from './event-findings.ts';
import type { Surroundings } from './surroundings.ts';
import type { Invocation, Step, Workflow } from './workflow.ts';

export function workflowFindings(workflows: readonly Workflow[], around: Surroundings): readonly Finding[] {
  if (workflows.length === 0) return [noWorkflow(around)];
  const found = [
    ...eventFindings(workflows, around),
    ...workflows.flatMap((workflow) =>
      workflow.invocations.flatMap((invocation) => [
        ...permissionFindings(workflow, invocation),
        ...trustFindings(workflow, invocation),
        ...versionFindings(workflow, invocation),
      ]),
    ),
    ...idFindings(workflows),
  ];
  const paths = workflows.map(({ path }) => quoted(path)).join(', ');
  return found.length > 0
    ? found
    : [finding('workflow', 'ok', `${paths}: events and permissions are as they should be`)];
}

function noWorkflow({ hasApp, isRequired }: Surroundings): Finding {
  if (hasApp === true) return finding('workflow', 'ok', 'no workflow runs the Action; the App is here');
  const level = isRequired === true ? 'error' : 'warning';
  const message = 'no workflow in `.github/workflows` runs the Action: write one, or install the App';
  return finding('workflow', level, message, ['npx model-budget init']);
}

const permissionLines: readonly string[] = [
  'permissions:',
  '  contents: read',
  '  pull-requests: write',
  '  checks: write',
];

/** `checks: write`: without it a required check is never made. */
const needs = [
  {
    name: 'contents',
    access: 'read',
    level: 'error',
    otherwise: 'models and config of a private repository cannot be read',
  },
  { name: 'checks', access: 'write', level: 'error', otherwise: 'there is no check to require' },
  { name: 'pull-requests', access: 'write', level: 'warning', otherwise: 'there is no comment' },
] as const;

function permissionFindings({ path }: Workflow, { job, permissions }: Invocation): readonly Finding[] {
  const place = `${quoted(path)}, job ${quoted(job)}`;
  if (permissions === undefined) {
    const message = `${place}: no \`permissions\`, so the repository's setting decides what the token may do`;
    return [finding('workflow-permissions', 'warning', message, permissionLines)];
  }
  return needs
    .filter(({ name, access }) => !permissions.grants(name, access))
    .map(({ name, access, level, otherwise }) =>
      finding('workflow-permissions', level, `${place}: without \`${name}: ${access}\` ${otherwise}`, permissionLines),
    );
}

/** Under these events the token may write and secrets are there, whoever made the change. */
const trustedEvents = ['pull_request_target', 'workflow_run'];

function trustFindings({ path, events }: Workflow, invocation: Invocation): readonly Finding[] {
  const event = trustedEvents.find((name) => events.has(name));
  if (event === undefined) return [];
  const { job, permissions, otherSteps } = invocation;
  const place = `${quoted(path)}, job ${quoted(job)}`;
  const writes = permissions?.grants('contents', 'write') === true;
  return [
    ...(writes
      ? [
          finding(
            'workflow-contents-write',
            'error',
            `${place}: \`contents: write\` under \`${event}\` gives everybody's pull request a token that can push`,
            ['  contents: read'],
          ),
        ]
      : []),
    ...otherSteps.flatMap((step) => checkoutFinding(step, place, event)),
  ];
}

const namesHead =
  /github\.(event\.pull_request\.head|event\.workflow_run\.head|head_ref)|refs\/pull|allow-unsafe-pr-checkout/;
const fetchesHead = /gh +pr +checkout|git\b[^\n]*(pull\/|head_ref|pull_request\.head)/;

function checkoutFinding({ uses, run, inputs }: Step, place: string, event: string): readonly Finding[] {
  const isCheckout = uses.startsWith('actions/checkout@');
  if ((isCheckout && namesHead.test(inputs)) || fetchesHead.test(run)) {
    const message = `${place}: checks out the pull request under \`${event}\`: its code then runs next to a token that may write; remove the step`;
    return [finding('workflow-checkout', 'error', message)];
  }
  if (!isCheckout) return [];
  const message = `${place}: a checkout step under \`${event}\`; the Action needs none, remove it`;
  return [finding('workflow-checkout', 'warning', message)];
}

function versionFindings({ path }: Workflow, { job, version }: Invocation): readonly Finding[] {
  if (/^[0-9a-f]{40}$/.test(version) || /^v\d+(\.\d+){0,2}$/.test(version)) return [];
  const message = `${quoted(path)}, job ${quoted(job)}: follows ${quoted(version)}, which may change from run to run: name a version or a commit`;
  return [finding('workflow-version', 'warning', message, ['      - uses: model-budget/model-budget@v1'])];
}

/** Two steps with one id write over each other's check and comment. */
function idFindings(workflows: readonly Workflow[]): readonly Finding[] {
  const onPullRequests = workflows.filter(({ events }) =>
    ['pull_request', 'pull_request_target', 'merge_group'].some((event) => events.has(event)),
  );
  const all = onPullRequests.flatMap(({ path, invocations }) => invocations.map((one) => ({ path, ...one })));
  const clashes = all.filter(
    (one, index) =>
      all.findIndex(({ id }) => id === one.id) < index || (one.hasMatrix && !/\$\{\{.*\bmatrix\b/.test(one.id)),
  );
  return clashes.map(({ path, job, id, hasMatrix }) =>
    finding(
      'workflow-id',
      'error',
      `${quoted(path)}, job ${quoted(job)}: the id ${quoted(id)} is taken; each needs one of its own, or they write over each other's check and comment`,
      ['        with:', `          id: ${hasMatrix ? '${{ matrix.name }}' : 'second'}`],
    ),
  );
}
