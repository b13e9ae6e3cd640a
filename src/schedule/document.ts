/** The JSON of `model-budget compile`: a schedule as a versioned document. SI units, everything in execution order. */
import type { Arena, Kernel, ModelSizes, Schedule } from './schedule.ts';
import type { Target, TargetStatus } from './target.ts';

export interface ScheduleDocument {
  readonly schema: 'model-budget/compile@1';
  readonly model: { readonly path: string };
  readonly target: {
    readonly id: string;
    readonly status: TargetStatus;
    /** Name and version. */
    readonly runtime: string;
    /** Of the unit that runs what is supported. */
    readonly clockHertz: number;
  };
  /** What was taken for granted: dimensions set to 1, the assumed dtype. Sorted. */
  readonly assumptions: readonly string[];
  /** Operators that could not be compiled; their kernels are not counted. */
  readonly unknownOperators: readonly { readonly op: string; readonly count: number }[];
  /** Share of the file's nodes that could be compiled. */
  readonly coverage: { readonly nodes: number };
  readonly sizes: ModelSizes;
  /** Nodes that are computed when the model is loaded, and so are in no kernel. */
  readonly constantNodes: readonly string[];
  readonly kernels: readonly KernelDocument[];
  readonly arenas: readonly Arena[];
}

export type KernelDocument = Omit<Kernel, 'index' | 'name' | 'operator' | 'type'> & {
  readonly id: string;
  readonly op: string;
  readonly dtype: string;
};

/** `path`: of the model's file, as the user gave it. */
export function scheduleDocument(schedule: Schedule, path: string): ScheduleDocument {
  const { target, kernels, arenas, assumptions, unknownOperators, coverage, sizes, constantNodes } = schedule;
  return {
    schema: 'model-budget/compile@1',
    model: { path },
    target: targetIdentity(target),
    assumptions,
    unknownOperators: unknownOperators.map(({ operator, count }) => ({ op: operator, count })),
    coverage: { nodes: coverage },
    sizes,
    constantNodes,
    kernels: kernels.map(kernelDocument),
    arenas,
  };
}

/** What the document of every command says of its target. */
export function targetIdentity({ id, status, runtime, units }: Target): ScheduleDocument['target'] {
  return { id, status, runtime: `${runtime.name} ${runtime.version}`, clockHertz: units[0]!.clockHertz };
}

function kernelDocument({ index: _, name, operator, type, ...rest }: Kernel): KernelDocument {
  return { id: name, op: operator, dtype: type, ...rest };
}
