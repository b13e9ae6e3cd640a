/** Operators of Core ML that ONNX has no word for: boxes of a fixed number, windows as an axis. */
import { add, floorDivide, maximum, subtract, unknown } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import { elementsOf, vectorWork } from './counting.ts';
import { moveWork } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, dtypeOf, normalizeAxis, shapeUnknownAs, tensor, unknownType } from './type.ts';
import type { Work } from './work.ts';

const domain = 'coreml';

/** Boxes, scores, indices and counts: `max_boxes` of each batch, empty places included. */
function inferSuppression({ node, inputs }: TypedNode): readonly TensorType[] {
  const [boxes, scores] = inputs;
  const open = unknown('the shape of the scores is not known');
  const batch = scores?.shape?.[0] ?? open;
  const count = intAttribute(node, 'max_boxes', 1);
  const last = intAttribute(node, 'boxes_last', 0) === 1;
  const classes = scores?.shape?.[last ? 1 : 2] ?? open;
  return [
    tensor(dtypeOf(boxes), last ? [batch, 4, count] : [batch, count, 4]),
    tensor(dtypeOf(scores), last ? [batch, classes, count] : [batch, count, classes]),
    tensor('int64', [batch, count]),
    tensor('int64', [batch]),
  ];
}

/** A model of a pipeline that drops boxes: how many are left, the data decides. */
function inferSuppressionModel(left: (count: TensorType | undefined) => TensorType['shape']) {
  return ({ inputs }: TypedNode): readonly TensorType[] =>
    inputs.slice(0, 2).map((input) => tensor(dtypeOf(input), left(input), input?.reason ?? 'the shape is not known'));
}

const someBoxes = inferSuppressionModel((input) => {
  const shape = input?.shape ?? [];
  return shape.length < 2 ? null : shape.with(-2, unknown(decidedAtRunTime('non_maximum_suppression_model')));
});

/** One axis becomes two: the windows, and the places in one. */
function inferWindows({ node, inputs }: TypedNode): readonly TensorType[] {
  const [input] = inputs;
  if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const axis = normalizeAxis(intAttribute(node, 'axis', 0), input.shape.length);
  if (axis === undefined) return [unknownType('sliding_windows: the axis is outside of the rank')];
  const size = intAttribute(node, 'size', 1);
  const steps = floorDivide(subtract(input.shape[axis]!, size), intAttribute(node, 'stride', 1));
  return [tensor(dtypeOf(input), input.shape.toSpliced(axis, 1, add(steps, 1), size))];
}

/** Axes that are longer already stay. */
function inferPadded({ node, inputs: [input] }: TypedNode): readonly TensorType[] {
  if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const sizes = intsAttribute(node, 'sizes', []);
  return [
    tensor(
      dtypeOf(input),
      input.shape.map((size, axis) => maximum(size, sizes[axis] ?? 0)),
      input.reason,
    ),
  ];
}

/** What the file declares of the output is all that is known of it. */
const asDeclared = ({ node, inputs: [input] }: TypedNode): readonly TensorType[] =>
  node.outputs.map(() => tensor(dtypeOf(input), null, decidedAtRunTime(node.operator)));

const noWork = (): Work => ({ operatorClass: 'control', nests: [], vector: [] });

/** Every score is compared once. */
const sortScores =
  (scores: number) =>
  ({ inputs }: TypedNode): Work => ({
    operatorClass: 'sort',
    nests: [],
    vector: vectorWork(elementsOf(inputs[scores]), { sort: 1 }),
  });

export const coreMlOperators: readonly Operator[] = [
  {
    domain,
    name: 'non_maximum_suppression',
    documentation: 'Boxes that overlap a better one are dropped; a fixed number is left. 1 sort per score.',
    infer: inferSuppression,
    work: sortScores(1),
  },
  {
    domain,
    name: 'non_maximum_suppression_model',
    documentation: 'Boxes that overlap a better one are dropped; the data decides how many are left. 1 sort per score.',
    infer: someBoxes,
    upperBound: inferSuppressionModel((input) => input?.shape ?? null),
    work: sortScores(0),
  },
  {
    domain,
    name: 'sliding_windows',
    documentation: 'Overlapping windows along an axis, as an axis of their own. 1 move per output element.',
    infer: inferWindows,
    work: moveWork,
  },
  {
    domain,
    name: 'pad_to_size',
    documentation: 'Zeros at one end of each axis until it has a given size. 1 move per output element.',
    infer: inferPadded,
    work: moveWork,
  },
  ...['space_to_batch', 'batch_to_space'].map((name) => ({
    domain,
    name,
    documentation: 'Blocks of pixels and the batch, of sizes that the file leaves open. 1 move per output element.',
    infer: asDeclared,
    work: moveWork,
  })),
  {
    domain,
    name: 'reshape_like',
    documentation: 'Another shape, which only a run knows. No work.',
    infer: asDeclared,
    work: () => ({ operatorClass: 'view', nests: [], vector: [] }),
  },
  ...['loopBreak', 'loopContinue'].map((name) => ({
    domain,
    name,
    documentation: 'Ends a loop, or its current turn, early. No work; the turns are counted in full.',
    infer: () => [],
    work: noWork,
    volatile: true as const,
  })),
];
