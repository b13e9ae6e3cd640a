/**
 * ONNX's operators under other domains: from before ONNX had them, and as ONNX Runtime's optimizer writes them down
 * for its blocked layout (`com.microsoft.nchwc`, in which channels stay the second axis).
 */
import { unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import { attentionOperators } from './attention.ts';
import { floatsAttribute, intAttribute, intsAttribute } from './attribute.ts';
import { convolutionOperators } from './convolution.ts';
import { elementsOf, vectorWork } from './counting.ts';
import { extendOperators } from './extend.ts';
import { gatherOperators } from './gather.ts';
import { layoutOperators } from './layout.ts';
import { moveWork } from './movement.ts';
import type { Operator } from './operator.ts';
import { poolingOperators } from './pooling.ts';
import { reductionOperators } from './reduction.ts';
import { resizeOperators } from './resize.ts';
import { selectOperators } from './select.ts';
import { shapeOperators } from './shape.ts';
import { sameAs, shapeUnknownAs, tensor } from './type.ts';

const microsoft = 'com.microsoft';
const blocked = 'com.microsoft.nchwc';

const standard: readonly Operator[] = [
  ...attentionOperators,
  ...convolutionOperators,
  ...extendOperators,
  ...gatherOperators,
  ...layoutOperators,
  ...poolingOperators,
  ...resizeOperators,
  ...selectOperators,
  ...shapeOperators,
];

/** The entry of ONNX's operator of the same name. */
function underDomain(domain: string, names: readonly string[]): readonly Operator[] {
  return standard
    .filter((operator) => operator.domain === '' && names.includes(operator.name))
    .map((operator) => ({ ...operator, domain }));
}

const old = ['GatherND', 'GridSample', 'Pad', 'Range', 'Trilu', 'Unique', 'LinearAttention', 'CausalConvWithState'];

/** The convolution of the blocked layout may have an activation and a sum in it. */
const blockedConvolution = convolutionOperators
  .filter(({ domain, name }) => domain === microsoft && name === 'FusedConv')
  .map((operator) => ({ ...operator, domain: blocked, name: 'Conv' }));

/** Into blocks of channels and back; the channels that fill the last block are cut off again. */
const reorderInput: Operator = {
  domain: blocked,
  name: 'ReorderInput',
  documentation: 'Channels into blocks; each element moves once.',
  infer: ({ node, inputs }) => {
    const shape = inputs[0]?.shape;
    if (!shape || intAttribute(node, 'channels_last', 0) === 0) return [sameAs(inputs[0])];
    return [tensor(inputs[0]!.dtype, [shape[0] ?? 1, shape.at(-1) ?? 1, ...shape.slice(1, -1)])];
  },
  work: moveWork,
};

const reorderOutput: Operator = {
  domain: blocked,
  name: 'ReorderOutput',
  documentation: 'Blocks of channels back into one; each element moves once.',
  infer: ({ node, inputs }) => {
    const shape = inputs[0]?.shape;
    if (!shape || shape.length < 3) return [shapeUnknownAs(inputs[0]?.dtype ?? null, inputs[0])];
    const channels = intAttribute(node, 'channels', undefined) ?? unknown('the node does not give its channels');
    const spatial = shape.slice(2);
    const last = intAttribute(node, 'channels_last', 0) !== 0;
    return [tensor(inputs[0]!.dtype, last ? [shape[0]!, ...spatial, channels] : [shape[0]!, channels, ...spatial])];
  },
  work: moveWork,
};

/** Whole factors for each axis, as integers. */
const upsample: Operator = {
  domain: blocked,
  name: 'Upsample',
  documentation: 'Repeats or blends pixels. 4 multiplications and 3 additions per output element.',
  infer: ({ node, inputs }) => {
    const shape = inputs[0]?.shape;
    const scales = intsAttribute(node, 'scales', floatsAttribute(node, 'scales', []));
    if (shape?.length !== scales.length) return [shapeUnknownAs(inputs[0]?.dtype ?? null, inputs[0])];
    const sizes = shape.map((size, axis): Dimension =>
      typeof size === 'number' ? Math.floor(size * scales[axis]!) : unknown('its size is not known'),
    );
    return [tensor(inputs[0]!.dtype, sizes)];
  },
  work: (_, [output]) => ({
    operatorClass: 'resize',
    nests: [],
    vector: vectorWork(elementsOf(output), { multiply: 4, add: 3 }),
  }),
};

/** Reductions of small integers, whose axes are attributes: other inputs are scales and zero points. */
const reductions: readonly Operator[] = reductionOperators
  .filter(({ name }) => name === 'ReduceMean' || name === 'ReduceSum')
  .map((operator): Operator => {
    const isSum = operator.name === 'ReduceSum';
    return {
      domain: microsoft,
      name: isSum ? 'ReduceSumInteger' : 'QLinearReduceMean',
      documentation: `${operator.documentation} Of small integers.`,
      infer: (context) => {
        const [type] = operator.infer({ ...context, inputs: context.inputs.slice(0, 1), values: [] });
        const dtype = isSum ? 'int32' : (context.inputs[0]?.dtype ?? null);
        return [{ ...(type ?? sameAs(undefined)), dtype }];
      },
      work: (typed, outputs) => operator.work!(typed, outputs),
    };
  });

export const contribStandardOperators: readonly Operator[] = [
  ...underDomain(microsoft, old),
  ...underDomain(blocked, ['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool']),
  ...blockedConvolution,
  reorderInput,
  reorderOutput,
  upsample,
  ...reductions,
];
