/** Normalization: by given statistics (batch), by those of each group of elements, by norm or neighbourhood. */
import type { DataType } from '../ir/data-type.ts';
import { unknown } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { dataTypeAttribute } from './cast.ts';
import { axisSize, elementsOf, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, normalizeAxis, sameAs, shapeUnknownAs, tensor } from './type.ts';

const microsoft = 'com.microsoft';

/** Per element: sums for mean and variance, the difference to the mean, then scale twice and shift. */
export const standardizeCost: Cost = { add: 4, multiply: 3 };

/** As `standardizeCost` without mean and shift. */
export const rootMeanSquareCost: Cost = { add: 1, multiply: 3 };

/** Once for each group of elements that share their statistics: a mean and the inverse of a square root. */
export const statisticsCost: Cost = { divide: 3 };

interface Normalization {
  readonly domain: string;
  readonly name: string;
  readonly summary: string;
  readonly perElement: Cost;
  /** Elements that share their statistics; absent: statistics are given or local. */
  readonly groups?: (typed: TypedNode) => number;
  readonly parameterInputs?: readonly number[];
}

/** One group for each place along the axes before `axis`. */
const groupsBeforeAxis = ({ node, inputs }: TypedNode): number => {
  const shape = inputs[0]?.shape ?? [];
  const axis = normalizeAxis(intAttribute(node, 'axis', -1), shape.length) ?? shape.length;
  return shape.slice(0, axis).reduce<number>((product, size) => product * Number(size), 1);
};

const batchTimesChannels = ({ inputs }: TypedNode): number => axisSize(inputs[0], 0) * axisSize(inputs[0], 1);

const rowsOfLastAxis = ({ inputs }: TypedNode): number => elementsOf(inputs[0]) / Math.max(1, axisSize(inputs[0], -1));

const sameShape: readonly Normalization[] = [
  {
    domain: '',
    name: 'InstanceNormalization',
    summary: 'Normalization of each channel of each sample',
    perElement: standardizeCost,
    groups: batchTimesChannels,
    parameterInputs: [1, 2],
  },
  {
    domain: '',
    name: 'GroupNormalization',
    summary: 'Normalization of groups of channels',
    perElement: standardizeCost,
    groups: ({ node, inputs }) => axisSize(inputs[0], 0) * intAttribute(node, 'num_groups', 1),
    parameterInputs: [1, 2],
  },
  {
    domain: microsoft,
    name: 'GroupNorm',
    summary: 'Normalization of groups of channels, channels last, with an optional activation',
    perElement: { ...standardizeCost, exponential: 1 },
    groups: ({ node, inputs }) => axisSize(inputs[0], 0) * intAttribute(node, 'groups', 1),
    parameterInputs: [1, 2],
  },
  {
    domain: '',
    name: 'MeanVarianceNormalization',
    summary: 'Difference to the mean over the standard deviation',
    perElement: { add: 3, multiply: 2 },
    groups: ({ inputs }) => axisSize(inputs[0], 1),
  },
  {
    domain: '',
    name: 'RMSNormalization',
    summary: 'Division by the root of the mean square',
    perElement: rootMeanSquareCost,
    groups: groupsBeforeAxis,
    parameterInputs: [1],
  },
  {
    domain: '',
    name: 'LpNormalization',
    summary: 'Division by the norm along an axis',
    perElement: { add: 1, multiply: 2 },
    groups: rowsOfLastAxis,
  },
  {
    domain: '',
    name: 'LRN',
    summary: 'Division by a power of the sum of squares of neighbouring channels, kept as a running sum',
    perElement: { add: 3, multiply: 3, exponential: 1 },
  },
];

function documentation({ summary, perElement, groups }: Omit<Normalization, 'domain' | 'name'>): string {
  const statistics = groups ? `, ${printCost(statisticsCost)} for each group of elements with common statistics` : '';
  return `${summary}. ${printCost(perElement)} per element${statistics}.`;
}

function sameShapeOperator(row: Normalization): Operator {
  return {
    domain: row.domain,
    name: row.name,
    documentation: documentation(row),
    infer: ({ inputs }) => [sameAs(inputs[0])],
    work: (typed) => ({
      operatorClass: 'normalization',
      nests: [],
      vector: [
        ...vectorWork(elementsOf(typed.inputs[0]), row.perElement),
        ...vectorWork(row.groups?.(typed) ?? 0, statisticsCost),
      ],
    }),
    ...(row.parameterInputs && { parameterInputs: row.parameterInputs }),
  };
}

const batchNormalization: Operator = {
  domain: '',
  name: 'BatchNormalization',
  documentation:
    'Scale and shift of each channel by trained statistics. 1 multiplication and 1 addition per element; further ' +
    'outputs are the running statistics.',
  infer: ({ node, inputs }) => {
    const [input, , , mean] = inputs;
    const channels = input?.shape?.[1] ?? unknown('the shape of the input is not known');
    const statistics = tensor(dtypeOf(mean) ?? dtypeOf(input), mean?.shape ?? [channels]);
    return [sameAs(input), ...node.outputs.slice(1).map(() => statistics)];
  },
  work: ({ inputs }) => ({
    operatorClass: 'normalization',
    nests: [],
    vector: vectorWork(elementsOf(inputs[0]), { multiply: 1, add: 1 }),
  }),
  parameterInputs: [1, 2, 3, 4],
};

/** The shape of one statistic for each place before `axis`. */
function statisticsType(input: TensorType | undefined, axis: number, dtype: DataType | null): TensorType {
  const shape: Shape | null | undefined = input?.shape;
  if (!shape) return shapeUnknownAs(dtype, input);
  const from = normalizeAxis(axis, shape.length) ?? shape.length;
  return tensor(
    dtype,
    shape.map((size, position) => (position < from ? size : 1)),
  );
}

interface LayerForm {
  readonly domain: string;
  readonly name: string;
  readonly summary: string;
  readonly perElement: Cost;
}

const layerForms: readonly LayerForm[] = ['', microsoft].flatMap((domain) => [
  {
    domain,
    name: 'LayerNormalization',
    summary: 'Normalization over all axes from one on',
    perElement: standardizeCost,
  },
  {
    domain,
    name: 'SimplifiedLayerNormalization',
    summary: 'Division by the root of the mean square over all axes from one on',
    perElement: rootMeanSquareCost,
  },
]);

/** Further outputs are the statistics: mean (not of the simplified form) and inverse deviation. */
function layerOperator(form: LayerForm): Operator {
  return {
    domain: form.domain,
    name: form.name,
    documentation: documentation({ ...form, groups: groupsBeforeAxis }),
    infer: (context) => {
      const { node, inputs } = context;
      const statistics = statisticsType(
        inputs[0],
        intAttribute(node, 'axis', -1),
        dataTypeAttribute(context, 'stash_type', 'float32'),
      );
      return [sameAs(inputs[0]), ...node.outputs.slice(1).map(() => statistics)];
    },
    work: (typed) => ({
      operatorClass: 'normalization',
      nests: [],
      vector: [
        ...vectorWork(elementsOf(typed.inputs[0]), form.perElement),
        ...vectorWork(groupsBeforeAxis(typed), statisticsCost),
      ],
    }),
    parameterInputs: [1, 2],
  };
}

export const normalizationOperators: readonly Operator[] = [
  ...sameShape.map(sameShapeOperator),
  batchNormalization,
  ...layerForms.map(layerOperator),
];
