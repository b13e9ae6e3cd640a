/** Workflows that run the Action, as far as the set-up is about them. What they hold is looked at, never trusted. */
import { parse } from 'yaml';
import { maximumYamlBytes } from '../../schedule/located-yaml.ts';

export interface Workflow {
  readonly path: string;
  readonly events: ReadonlyMap<string, EventFilter>;
  /** Steps that are the Action. */
  readonly invocations: readonly Invocation[];
}

export interface EventFilter {
  /** Undefined: those that GitHub takes. */
  readonly types: readonly string[] | undefined;
  /** Only changes of some paths. */
  readonly hasPaths: boolean;
}

export interface Invocation {
  readonly job: string;
  /** The input `id`. */
  readonly id: string;
  /** What follows `@`. */
  readonly version: string;
  /** Undefined: neither job nor workflow says, so that the repository's setting decides. */
  readonly permissions: Permissions | undefined;
  readonly hasMatrix: boolean;
  readonly otherSteps: readonly Step[];
}

export interface Permissions {
  readonly grants: (name: string, access: 'read' | 'write') => boolean;
}

export interface Step {
  readonly uses: string;
  readonly run: string;
  /** Inputs as JSON: what is searched in them may stand anywhere. */
  readonly inputs: string;
}

/** Undefined: no step of it is the Action. @throws Error for what is not YAML. */
export function readWorkflow(text: string, path: string): Workflow | undefined {
  if (!text.includes('model-budget')) return undefined;
  if (text.length > maximumYamlBytes) throw new Error('larger than 256 KiB');
  const content: unknown = parse(text, { uniqueKeys: false, maxAliasCount: 100, logLevel: 'error' });
  const workflow = entriesOf(content);
  const invocations = [...entriesOf(workflow.get('jobs'))].flatMap(([name, job]) =>
    invocationsIn(name, entriesOf(job), workflow.get('permissions')),
  );
  if (invocations.length === 0) return undefined;
  return { path, events: eventsOf(workflow.get('on')), invocations };
}

/** Own keys alone; nothing for what is no map. */
function entriesOf(value: unknown): ReadonlyMap<string, unknown> {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return new Map(isMap ? Object.entries(value) : []);
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `on: push`, `on: [push]` and `on: { push: … }` mean the same. */
function eventsOf(on: unknown): ReadonlyMap<string, EventFilter> {
  const plain: EventFilter = { types: undefined, hasPaths: false };
  if (typeof on === 'string') return new Map([[on, plain]]);
  if (Array.isArray(on)) return new Map(on.map((event) => [textOf(event), plain]));
  return new Map([...entriesOf(on)].map(([event, filter]) => [event, filterOf(entriesOf(filter))]));
}

function filterOf(filter: ReadonlyMap<string, unknown>): EventFilter {
  const types = filter.get('types');
  return {
    types: types === undefined ? undefined : [types].flat().map(textOf),
    hasPaths: filter.has('paths') || filter.has('paths-ignore'),
  };
}

/** The Action, or a copy of it in another organisation. */
const isAction = /^[\w.-]+\/model-budget@(.+)$/;

function invocationsIn(name: string, job: ReadonlyMap<string, unknown>, ofWorkflow: unknown): readonly Invocation[] {
  const steps = itemsOf(job.get('steps')).map(entriesOf);
  return steps.flatMap((step) => {
    const version = isAction.exec(textOf(step.get('uses')))?.[1];
    if (version === undefined) return [];
    const id = entriesOf(step.get('with')).get('id');
    return {
      job: name,
      id: (typeof id === 'number' ? String(id) : textOf(id)) || 'default',
      version,
      permissions: permissionsOf(job.get('permissions') ?? ofWorkflow),
      hasMatrix: entriesOf(job.get('strategy')).has('matrix'),
      otherSteps: steps.filter((other) => other !== step).map(stepOf),
    };
  });
}

function stepOf(step: ReadonlyMap<string, unknown>): Step {
  return {
    uses: textOf(step.get('uses')),
    run: textOf(step.get('run')),
    inputs: JSON.stringify(Object.fromEntries(entriesOf(step.get('with')))),
  };
}

function permissionsOf(written: unknown): Permissions | undefined {
  if (written === undefined || written === null) return undefined;
  if (written === 'write-all') return { grants: () => true };
  if (written === 'read-all') return { grants: (_, access) => access === 'read' };
  const given = entriesOf(written);
  return {
    grants: (name, access) => {
      const value = given.get(name);
      return value === 'write' || (access === 'read' && value === 'read');
    },
  };
}
