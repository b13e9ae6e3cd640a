// What GitHub's runner gives an action: its environment, and files to write to.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { WorkflowEvent } from './events.ts';
import { stableId } from './shapes/account.ts';
import type { World } from './state.ts';

export interface RunnerOptions {
  /** A folder of this run alone */
  readonly folder: string;
  readonly event: WorkflowEvent;
  /** Text of the token that `${{ github.token }}` stands for */
  readonly token: string;
  /** What the workflow gives under `with:` */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Path of the action's action.yml, whose defaults fill in for inputs that are not given */
  readonly actionFile?: string;
  readonly runId?: number;
  readonly runAttempt?: number;
  /** "https://github.com", where a test has to look like it; of the stand-in by default */
  readonly serverUrl?: string;
}

export type Environment = Readonly<Record<string, string>>;

interface ActionFile {
  readonly inputs?: Readonly<Record<string, { readonly default?: unknown }>>;
}

/** Defaults may name the token, and only that. */
function defaultInputs(actionFile: string, token: string): Record<string, string> {
  const { inputs = {} } = parse(readFileSync(actionFile, 'utf8')) as ActionFile;
  const texts = Object.entries(inputs).map(([name, input]) => [name, defaultText(input.default)] as const);
  return Object.fromEntries(texts.map(([name, text]) => [name, text.replace(/\$\{\{\s*github\.token\s*\}\}/g, token)]));
}

/** The runner turns numbers and booleans of YAML into text, and no default into an empty one. */
function defaultText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The runner keeps hyphens: "fail-on" is INPUT_FAIL-ON. */
const inputName = (name: string) => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;

function inputVariables({ actionFile, token, inputs }: RunnerOptions): Environment {
  const all = { ...(actionFile === undefined ? {} : defaultInputs(actionFile, token)), ...inputs };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [inputName(name), value]));
}

/** Makes the run's folders and files, and returns the variables that point at them. */
function fileVariables({ folder, event }: RunnerOptions): Environment {
  const temporary = join(folder, 'temp');
  const workspace = join(folder, 'workspace');
  const commands = join(temporary, '_runner_file_commands');
  for (const path of [workspace, commands, join(temporary, '_github_workflow'), join(folder, 'tools')]) {
    mkdirSync(path, { recursive: true });
  }
  const commandFile = (name: string) => {
    const path = join(commands, name);
    writeFileSync(path, '');
    return path;
  };
  const eventPath = join(temporary, '_github_workflow', 'event.json');
  writeFileSync(eventPath, JSON.stringify(event.payload, null, 2));
  return {
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_OUTPUT: commandFile('set_output'),
    GITHUB_STEP_SUMMARY: commandFile('step_summary'),
    GITHUB_ENV: commandFile('set_env'),
    GITHUB_PATH: commandFile('add_path'),
    GITHUB_STATE: commandFile('save_state'),
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temporary,
    RUNNER_TOOL_CACHE: join(folder, 'tools'),
  };
}

function repositoryVariables(world: World, serverUrl: string): Environment {
  return {
    GITHUB_REPOSITORY: world.repository,
    GITHUB_REPOSITORY_ID: String(stableId(world.repository)),
    GITHUB_REPOSITORY_OWNER: world.owner,
    GITHUB_REPOSITORY_OWNER_ID: String(stableId(world.owner)),
    GITHUB_API_URL: world.apiUrl,
    GITHUB_GRAPHQL_URL: world.apiUrl.replace(/(\/v3)?$/, '/graphql'),
    GITHUB_SERVER_URL: serverUrl,
  };
}

function eventVariables(world: World, { event }: RunnerOptions): Environment {
  return {
    GITHUB_EVENT_NAME: event.name,
    GITHUB_SHA: event.sha,
    GITHUB_REF: event.ref,
    GITHUB_REF_NAME: event.ref.replace(/^refs\/(heads\/|tags\/|pull\/)/, ''),
    GITHUB_REF_TYPE: event.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_HEAD_REF: event.headBranch,
    GITHUB_BASE_REF: event.baseBranch,
    GITHUB_ACTOR: event.actor,
    GITHUB_ACTOR_ID: String(stableId(event.actor)),
    GITHUB_TRIGGERING_ACTOR: event.actor,
    GITHUB_WORKFLOW: 'model-budget',
    GITHUB_WORKFLOW_REF: `${world.repository}/.github/workflows/model-budget.yml@${event.ref}`,
    GITHUB_WORKFLOW_SHA: event.sha,
  };
}

/** The environment of a step that runs an action, without what it inherits from the machine (PATH, HOME). */
export function runnerEnvironment(world: World, options: RunnerOptions): Environment {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__self',
    GITHUB_JOB: 'review',
    GITHUB_RUN_ID: String(options.runId ?? 1),
    GITHUB_RUN_NUMBER: '1',
    GITHUB_RUN_ATTEMPT: String(options.runAttempt ?? 1),
    GITHUB_RETENTION_DAYS: '90',
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_NAME: 'GitHub Actions 1',
    RUNNER_ENVIRONMENT: 'github-hosted',
    ...repositoryVariables(world, options.serverUrl ?? world.serverUrl),
    ...eventVariables(world, options),
    ...fileVariables(options),
    ...inputVariables(options),
  };
}
