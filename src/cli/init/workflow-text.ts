/** The workflow that runs the Action: as short as it can be with everything in it that a repository needs sooner or later. */
import { yamlText } from '../yaml-text.ts';

/** As people write it; a commit's id in place of `v1` fixes the version. */
const action = 'model-budget/model-budget@v1';

export interface WorkflowChoices {
  /** Pull requests from forks get their check and comment too. */
  readonly forks: boolean;
  readonly defaultBranch: string;
}

export function workflowText({ forks, defaultBranch }: WorkflowChoices): string {
  const lines = [
    '# Compiles and simulates the neural networks that a pull request changes. No checkout step: models are read through the API.',
    'name: model-budget',
    'on:',
    ...(forks ? forkLines : []),
    `  ${forks ? 'pull_request_target' : 'pull_request'}:`,
    '    # edited: the base may change. No paths filter: a workflow that is skipped leaves a required check pending for ever.',
    '    types: [opened, synchronize, reopened, edited]',
    '  merge_group:',
    '  issue_comment: # slash commands, as /simulate int8',
    '    types: [created]',
    '  push: # keeps what the models of this branch need in the cache',
    `    branches: [${yamlText(defaultBranch)}]`,
    'permissions:',
    '  contents: read',
    '  pull-requests: write',
    '  checks: write',
    'jobs:',
    '  review:',
    '    # Of comments only those on pull requests that may hold a command.',
    "    if: github.event_name != 'issue_comment' || (github.event.issue.pull_request && contains(github.event.comment.body, '/'))",
    '    runs-on: ubuntu-latest',
    '    steps:',
    `      - uses: ${action}`,
  ];
  return `${lines.join('\n')}\n`;
}

const forkLines: readonly string[] = [
  '  # pull_request_target: this file is taken from the base branch and the token may write, for forks too. It is safe because',
  '  # nothing of the pull request is checked out or executed: its models are data. Keep it so: never add a checkout step to',
  '  # this job, and never give it `contents: write`.',
];
