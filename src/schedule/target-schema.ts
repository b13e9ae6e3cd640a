/** What a target file may say: the records of `target.ts` as schemas. Names, units and meaning are theirs. */
import { z } from 'zod';
import type { VectorOperation } from '../operators/work.ts';
import { partialRecord, record, word } from './shape.ts';
import type { ComputeType, FusionRule, OutputWork, RateClass } from './target.ts';
import { u85Geometry } from './u85-schema.ts';

/** Lists that the compiler checks against the types: a word added there and not here is a type error. */
const names = <Name extends string>(list: Readonly<Record<Name, true>>) => Object.keys(list) as Name[];

const computeTypes = names<ComputeType>({ int8: true, int16: true, float16: true, bfloat16: true, float32: true });

const rateClasses = names<RateClass>({
  convolution: true,
  winograd: true,
  'grouped-convolution': true,
  'pointwise-convolution': true,
  'depthwise-convolution': true,
  'transposed-convolution': true,
  'fully-connected': true,
  matmul: true,
  recurrent: true,
  pooling: true,
  elementwise: true,
  reduction: true,
  normalization: true,
  softmax: true,
  resize: true,
  'data-movement': true,
  view: true,
  quantize: true,
  sort: true,
  control: true,
});

const vectorOperations = names<VectorOperation>({
  move: true,
  add: true,
  multiply: true,
  divide: true,
  exponential: true,
  convert: true,
  sort: true,
});

const fusionRules = names<FusionRule>({
  bias: true,
  'activation-clamp': true,
  'activation-table': true,
  'activation-any': true,
  'residual-add': true,
  pad: true,
  'pad-convolution': true,
  'elementwise-chain': true,
  'transpose-reshape': true,
  attention: true,
});

const outputWorks = names<OutputWork>({
  plain: true,
  multiply: true,
  add: true,
  maximum: true,
  wideUnary: true,
  wideBinary: true,
  wideProduct: true,
  clamp: true,
  lookup: true,
});

const text = z.string().min(1).max(500);
const id = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'must be lower-case letters, digits, dots and hyphens');
const count = z.int().positive();
const rate = z.number().positive();
const amount = z.number().nonnegative();
const share = z.number().positive().max(1);
const pair = z.tuple([count, count]);

const allOf = <Key extends string, Value extends z.ZodType>(keys: readonly Key[], value: Value) =>
  record(Object.fromEntries(keys.map((key) => [key, value])) as Record<Key, Value>);

/** One key says what kind of geometry it is. */
const geometry = record({
  microKernel: z.exactOptional(record({ rows: count, columns: count, depth: count })),
  array: z.exactOptional(record({ rows: count, columns: count })),
  processors: z.exactOptional(record({ channels: count, taps: count, cyclesPerPosition: amount })),
  block: z.exactOptional(
    record({
      microBlock: record({ height: count, width: count, depth: count, inputDepth: count }),
      bufferBanks: count,
      bankBytes: count,
      granules: allOf(['input8', 'input16', 'input32', 'sum32', 'sum40'], count),
      outputCyclesPerElement: allOf(outputWorks, amount),
    }),
  ),
  u85: z.exactOptional(u85Geometry),
  waves: z.exactOptional(record({ tiles: z.array(pair).min(1).max(16), blocksPerMultiprocessor: count })),
}).refine(
  (given) => Object.keys(given).length === 1,
  'must have one of microKernel, array, processors, block, u85, waves',
);

/** Perfect overlap is the norm with p = infinity. */
const overlapNorm = z.union([z.number().min(1), z.literal('perfect').transform(() => Infinity)], {
  error: 'must be a number of at least 1 (1: no overlap), or "perfect"',
});

const unit = record({
  architecture: word(['simd', 'mcu', 'systolic', 'block-npu', 'gpu', 'channel-processors', 'dataflow']),
  cores: count,
  clockHertz: rate,
  macsPerCycle: partialRecord(computeTypes, rate),
  geometry,
  efficiency: partialRecord([...rateClasses, 'default'], share),
  efficiencyByType: z.exactOptional(partialRecord(computeTypes, partialRecord(rateClasses, share))),
  vectorElementsPerCycle: allOf(vectorOperations, rate),
  vectorScalesWithWidth: z.boolean(),
  winograd: z.exactOptional(
    record({
      forms: z
        .array(
          record({
            types: z.array(word(computeTypes)).min(1),
            minimumChannels: count,
            maximumChannels: z.exactOptional(count),
            outputTiles: z.array(count).min(1).max(8),
          }),
        )
        .min(1),
      transformedElementsPerCycle: rate,
    }),
  ),
  groupSeconds: z.exactOptional(amount),
  storedSums: z.exactOptional(z.boolean()),
  halvedWeights: z.exactOptional(z.array(word(rateClasses))),
  parallelEfficiency: share,
  overlapNorm,
  dispatchSeconds: amount,
  handoverSeconds: amount,
});

const memory = record({
  bound: word(['dram', 'sram', 'flash', 'link']),
  capacityBytes: count,
  bandwidthBytesPerSecond: rate,
  efficiency: share,
  latencySeconds: amount,
  writeLatencySeconds: z.exactOptional(amount),
  readsUnderWay: z.exactOptional(count),
  writesUnderWay: z.exactOptional(count),
  burstBytes: count,
  readJoulesPerByte: amount,
  writeJoulesPerByte: amount,
});

const level = record({ memory: id, usableBytes: count });

const plan = record({
  activations: id,
  weights: id,
  onChip: z.exactOptional(level),
  residentWeights: z.exactOptional(level),
  weightsMustFit: z.exactOptional(z.boolean()),
  fallbackWeights: z.exactOptional(id),
  spill: z.exactOptional(id),
  alignBytes: count,
  brickChannels: z.exactOptional(count),
  allocator: word(['greedy-by-size', 'hill-climb']),
  inPlaceElementwise: z.exactOptional(z.boolean()),
  runtimeOverheadBytes: amount,
  cacheBytes: z.exactOptional(count),
  compressedShare: z.exactOptional(rate),
  hostLink: z.exactOptional(id),
});

const supportGroup = record({
  operators: z.array(text).min(1).max(500),
  types: z.array(word(computeTypes)).min(1),
  maximumKernel: z.exactOptional(pair),
  maximumStride: z.exactOptional(count),
  unpaddedStride: z.exactOptional(count),
  maximumKernelArea: z.exactOptional(count),
  kernelSizes: z.exactOptional(z.array(pair).min(1).max(16)),
  strides: z.exactOptional(z.array(count).min(1).max(16)),
  maximumChannels: z.exactOptional(count),
  dilation: z.exactOptional(z.boolean()),
  constantWeights: z.exactOptional(z.boolean()),
  grouped: z.exactOptional(word(['none', 'depthwise', 'any'])),
  wideIntegers: z.exactOptional(z.boolean()),
  attributes: z.exactOptional(z.record(text, z.array(z.union([z.string(), z.number()])).min(1))),
  maximumRank: z.exactOptional(count),
});

const support = record({
  groups: z.array(supportGroup).max(200),
  anyOperator: z.boolean(),
  maximumRank: count,
  batchOneOnly: z.boolean(),
  partition: word(['any', 'single-cut', 'none']),
  dequantizedProducts: z.exactOptional(z.boolean()),
  compressedWeights: z.exactOptional(
    record({
      forms: z
        .array(word(['palette', 'sparse']))
        .min(1)
        .max(2),
    }),
  ),
  fallbackUnit: z.exactOptional(id),
});

const energy = record({
  joulesPerMac: partialRecord(computeTypes, amount),
  joulesPerVectorElement: amount,
  staticWatts: amount,
  idleWatts: amount,
  activeWatts: z.exactOptional(rate),
});

const validation = record({
  metric: word(['latency', 'energy', 'peak-memory']),
  band: z.tuple([rate, rate]).refine(([low, high]) => low <= high, 'must be [low, high]'),
  medianAbsoluteError: amount,
  rows: count,
  families: z.array(text),
  source: text,
});

const oneOrMore = z.union([text.transform((one) => [one]), z.array(text).min(1)]);

const measurement = record({ hardware: oneOrMore, runtime: oneOrMore, types: z.record(text, word(computeTypes)) });

/** One target, after versions and variants were laid over it and the origins of numbers were taken out. */
export const targetSchema = record({
  name: text,
  class: word([
    'mcu',
    'mcu-npu',
    'sbc-cpu',
    'mobile-cpu',
    'mobile-npu',
    'edge-npu',
    'edge-gpu',
    'server-gpu',
    'server-cpu',
  ]),
  status: word(['calibrated', 'datasheet', 'estimate']),
  runtime: record({ name: text, version: text, threads: count }),
  /** The first runs what is supported. */
  units: z.record(id, unit),
  memories: z.record(id, memory),
  plan,
  support,
  fusion: z.array(word(fusionRules)),
  assumedType: z.exactOptional(word(computeTypes)),
  energy,
  invokeSeconds: amount,
  measurements: z.exactOptional(z.array(measurement)),
  validation: z.array(validation),
});

/** What identifies a file's targets: read before anything is laid over. */
export const headerSchema = record({
  id,
  extends: z.exactOptional(text),
  parts: z.exactOptional(z.record(id, z.unknown())),
  sources: z.exactOptional(z.record(id, text)),
  versions: z.exactOptional(z.record(text, z.unknown())),
  variants: z.exactOptional(z.record(z.string().regex(/^[a-z0-9.-]+(:[a-z0-9.-]+)?$/), z.unknown())),
});

export type TargetFields = z.output<typeof targetSchema>;
export type SupportGroup = z.output<typeof supportGroup>;
