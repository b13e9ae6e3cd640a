/** What time and energy of a kernel hang on. Networks repeat their layers, and what is alike takes equally long. */
import type { Fields } from '../ir/alike.ts';
import { printerOf } from '../ir/alike.ts';
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

const streamFields: Fields<Stream> = { memory: true, role: true, readBytes: true, writeBytes: true, transfers: true };
const trafficFields: Fields<NpuTraffic> = { memory: true, role: true, readBytes: true, writeBytes: true, cycles: true };
const stepFields: Fields<Omit<StepWork, 'traffic'>> = {
  operator: true,
  macs: true,
  arrayCycles: true,
  unitCycles: true,
  totalCycles: true,
};
const [printStream, printTraffic, printStep, printVector] = [
  printerOf(streamFields),
  printerOf(trafficFields),
  printerOf(stepFields),
  printerOf<VectorWork>({ operation: true, elements: true }),
];
const bytesOf = ({ bytes }: Pick<TensorUse, 'bytes'>) => String(bytes);

const printers: { readonly [Field in keyof Required<KernelWork>]: (work: KernelWork) => string } = {
  unit: ({ unit }) => unit,
  type: ({ type }) => type,
  operatorClass: ({ operatorClass }) => operatorClass,
  algorithm: ({ algorithm }) => algorithm,
  macs: ({ macs }) => String(macs),
  executedMacs: ({ executedMacs }) => String(executedMacs),
  repetitions: ({ repetitions }) => String(repetitions),
  nests: ({ nests }) => all(nests, nestKey),
  vector: ({ vector }) => all(vector, printVector),
  streams: ({ streams }) => printStreams(streams),
  inputs: ({ inputs }) => all(inputs, bytesOf),
  outputs: ({ outputs }) => all(outputs, bytesOf),
  steps: ({ steps }) => (steps === undefined ? '' : `${all(steps, printStep)} ${all(steps, printAllTraffic)}`),
  // Last, as it holds words of the model.
  fallback: ({ fallback }) => (fallback === null ? '' : `${fallback.code} ${fallback.reason}`),
};
const printAll = Object.values(printers);

const printStreams = rememberedText((streams: readonly Stream[]) => all(streams, printStream));
const printAllOf = rememberedText((traffic: readonly NpuTraffic[]) => all(traffic, printTraffic));

function printAllTraffic({ traffic }: StepWork): string {
  return printAllOf(traffic);
}

/** Kernels that are alike share these lists on some targets. */
function rememberedText<T extends object>(print: (given: T) => string): (given: T) => string {
  const texts = new WeakMap<T, string>();
  return (given) => {
    const text = texts.get(given) ?? print(given);
    texts.set(given, text);
    return text;
  };
}

/** With how many there are, so that no two lists read alike. */
function all<T>(records: readonly T[], print: (record: T) => string): string {
  let text = String(records.length);
  for (const record of records) text += `,${print(record)}`;
  return text;
}

/** Equal for kernels of one target that take equally long, for equal reasons. */
export function workKey(work: KernelWork): string {
  let key = '';
  for (const print of printAll) key += `${print(work)};`;
  return key;
}
