/** What time and energy of a kernel hang on. Networks repeat their layers, and what is alike takes equally long. */
import { areListsAlike, comparerOf } from '../ir/alike.ts';
import type { VectorWork } from '../operators/work.ts';
import { nestKey } from '../operators/work.ts';
import type { NpuStep } from '../schedule/npu/final.ts';
import type { NpuTraffic } from '../schedule/npu/npu-traffic.ts';
import type { Kernel, Stream, TensorUse } from '../schedule/schedule.ts';

type Alike = Pick<
  Kernel,
  | 'unit'
  | 'type'
  | 'operatorClass'
  | 'algorithm'
  | 'nests'
  | 'vector'
  | 'macs'
  | 'executedMacs'
  | 'streams'
  | 'repetitions'
  | 'fallback'
>;

/** A kernel without what names it. */
export interface KernelWork extends Alike {
  readonly inputs: readonly Pick<TensorUse, 'bytes'>[];
  readonly outputs: readonly Pick<TensorUse, 'bytes'>[];
  readonly steps?: readonly StepWork[];
}

export type StepWork = Omit<NpuStep, 'name'>;

const areStreamsAlike = comparerOf<Stream>({
  ...{ memory: true, role: true, readBytes: true, writeBytes: true, transfers: true },
});
const isTrafficAlike = comparerOf<NpuTraffic>({
  ...{ memory: true, role: true, readBytes: true, writeBytes: true, cycles: true },
});
const areStepNumbersAlike = comparerOf<Omit<StepWork, 'traffic'>>({
  ...{ operator: true, macs: true, arrayCycles: true, unitCycles: true, totalCycles: true },
});
const areVectorsAlike = comparerOf<VectorWork>({ operation: true, elements: true });
const areBytesAlike = comparerOf<Pick<TensorUse, 'bytes'>>({ bytes: true });

type Comparers = { readonly [Field in keyof Required<KernelWork>]: (one: KernelWork, other: KernelWork) => boolean };

/** In an order in which kernels that differ mostly do so early. */
const comparers: Comparers = {
  macs: (one, other) => one.macs === other.macs,
  operatorClass: (one, other) => one.operatorClass === other.operatorClass,
  unit: (one, other) => one.unit === other.unit,
  type: (one, other) => one.type === other.type,
  algorithm: (one, other) => one.algorithm === other.algorithm,
  executedMacs: (one, other) => one.executedMacs === other.executedMacs,
  repetitions: (one, other) => one.repetitions === other.repetitions,
  nests: (one, other) => areListsAlike(one.nests, other.nests, (a, b) => a === b || nestKey(a) === nestKey(b)),
  vector: (one, other) => areListsAlike(one.vector, other.vector, areVectorsAlike),
  inputs: (one, other) => areListsAlike(one.inputs, other.inputs, areBytesAlike),
  outputs: (one, other) => areListsAlike(one.outputs, other.outputs, areBytesAlike),
  streams: (one, other) => areListsAlike(one.streams, other.streams, areStreamsAlike),
  steps: (one, other) => areListsAlike(one.steps ?? [], other.steps ?? [], areStepsAlike),
  fallback: ({ fallback: one }, { fallback: other }) => one?.code === other?.code && one?.reason === other?.reason,
};
const compareAll = Object.values(comparers);

function areStepsAlike(one: StepWork, other: StepWork): boolean {
  return areStepNumbersAlike(one, other) && areListsAlike(one.traffic, other.traffic, isTrafficAlike);
}

/** True for kernels of one target that take equally long, for equal reasons. */
export function areAlike(one: KernelWork, other: KernelWork): boolean {
  for (const compare of compareAll) if (!compare(one, other)) return false;
  return true;
}

/** A number that is equal for kernels that are alike, and seldom for others. */
export function roughSize({ macs, inputs, outputs }: KernelWork): number {
  let size = macs;
  for (const { bytes } of inputs) size += bytes;
  for (const { bytes } of outputs) size += 2 * bytes;
  return size;
}
