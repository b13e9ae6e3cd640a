/** Classical machine learning (ai.onnx.ml): trees, linear models, support vectors, and the encoders around them. */
import type { DataType } from '../ir/data-type.ts';
import { add, product, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Node, TensorType } from '../ir/graph.ts';
import {
  floatsAttribute,
  hasAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  stringsAttribute,
  tensorAttribute,
} from './attribute.ts';
import { axisSize, elementsOf, halvings, matrixProduct, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, sameAs, shapeUnknownAs, tensor } from './type.ts';
import type { LoopNest, Work } from './work.ts';

const domain = 'ai.onnx.ml';

/** Samples lie along the first axis; a single sample may come without it. */
function samples(input: TensorType | undefined): Dimension {
  if (!input?.shape) return unknown('the shape of the input is not known');
  return input.shape.length > 1 ? input.shape[0]! : 1;
}

function rowsOf(input: TensorType | undefined): number {
  return (input?.shape?.length ?? 0) > 1 ? axisSize(input, 0) : 1;
}

/** Class labels are strings or integers, whichever list the node has. */
function labelsOf({ node }: TypedNode): { readonly dtype: DataType; readonly count: number } {
  const strings = stringsAttribute(node, 'classlabels_strings', []);
  if (strings.length > 0) return { dtype: 'string', count: strings.length };
  const integers = intsAttribute(node, 'classlabels_int64s', intsAttribute(node, 'classlabels_ints', []));
  return { dtype: 'int64', count: integers.length };
}

/** One path from root to leaf in each tree, taken as balanced. Trees are told apart by id, or by their roots. */
function comparisonsPerSample({ node }: TypedNode): number {
  const nodes = intsAttribute(node, 'nodes_featureids', []).length;
  const ids = new Set(intsAttribute(node, 'nodes_treeids', [])).size;
  const trees = Math.max(1, ids, intsAttribute(node, 'tree_roots', []).length);
  return trees * halvings(1 + nodes / trees);
}

const treeWork = (typed: TypedNode): Work => ({
  operatorClass: 'reduction',
  nests: [],
  vector: vectorWork(rowsOf(typed.inputs[0]) * comparisonsPerSample(typed), { add: 1, move: 1 }),
});

const classifier = (name: string, documentation: string, work: (typed: TypedNode) => Work): Operator => ({
  domain,
  name,
  documentation,
  infer: (context) => {
    const { dtype, count } = labelsOf(context);
    const batch = samples(context.inputs[0]);
    // A binary classifier given one label still scores both classes.
    return [tensor(dtype, [batch]), tensor('float32', [batch, Math.max(count, 2)])];
  },
  work,
});

const regressor = (
  name: string,
  documentation: string,
  form: {
    readonly targets: (typed: TypedNode) => number;
    readonly dtype?: (typed: TypedNode) => DataType | null;
    readonly work: (typed: TypedNode) => Work;
  },
): Operator => ({
  domain,
  name,
  documentation,
  infer: (context) => [tensor(form.dtype?.(context) ?? 'float32', [samples(context.inputs[0]), form.targets(context)])],
  work: form.work,
});

/** Coefficients are features × outputs: they lie in an attribute, so no input is the stationary operand. */
function linearNest({ node, inputs }: TypedNode): LoopNest {
  const features = Math.max(1, axisSize(inputs[0], -1));
  const coefficients = floatsAttribute(node, 'coefficients', []).length;
  return matrixProduct({ rows: rowsOf(inputs[0]), columns: coefficients / features, depth: features });
}

const linearWork = (typed: TypedNode): Work => {
  const nest = linearNest(typed);
  return { operatorClass: 'fully-connected', nests: [nest], vector: vectorWork(nest.OY * nest.K, { add: 1 }) };
};

const supportVectorWork = ({ node, inputs }: TypedNode): Work => {
  const depth = Math.max(1, axisSize(inputs[0], -1));
  const vectors = floatsAttribute(node, 'support_vectors', []).length / depth;
  const nest = matrixProduct({ rows: rowsOf(inputs[0]), columns: vectors, depth });
  const kernel: Cost = stringAttribute(node, 'kernel_type', 'LINEAR') === 'LINEAR' ? {} : { exponential: 1 };
  const vector = vectorWork(nest.OY * vectors, { multiply: 1, add: 1, ...kernel });
  return { operatorClass: 'fully-connected', nests: [nest], vector };
};

const models: readonly Operator[] = [
  classifier(
    'TreeEnsembleClassifier',
    'Votes of trees. 1 comparison and 1 move a level and tree, taken as balanced.',
    treeWork,
  ),
  regressor('TreeEnsembleRegressor', 'Sums of trees. 1 comparison and 1 move a level and tree, taken as balanced.', {
    targets: ({ node }) => intAttribute(node, 'n_targets', 1),
    work: treeWork,
  }),
  regressor('TreeEnsemble', 'Sums of trees. 1 comparison and 1 move a level and tree, taken as balanced.', {
    targets: ({ node }) => intAttribute(node, 'n_targets', 1),
    dtype: ({ inputs }) => dtypeOf(inputs[0]),
    work: treeWork,
  }),
  classifier('LinearClassifier', 'Linear scores of classes. MACs: samples × features × classes.', linearWork),
  regressor('LinearRegressor', 'Linear regression. MACs: samples × features × targets.', {
    targets: ({ node }) => intAttribute(node, 'targets', 1),
    work: linearWork,
  }),
  classifier('SVMClassifier', 'Support vector classes. MACs: samples × features × support vectors.', supportVectorWork),
  regressor('SVMRegressor', 'Support vector regression. MACs: samples × features × support vectors.', {
    targets: () => 1,
    work: supportVectorWork,
  }),
];

/** Same shape as the input, of this type. */
const mapping = (
  name: string,
  documentation: string,
  dtype: (typed: TypedNode) => DataType | null,
  cost: Cost,
): Operator => ({
  domain,
  name,
  documentation,
  infer: (context) => [{ ...sameAs(context.inputs[0]), dtype: dtype(context) }],
  work: (_, [output]) => ({ operatorClass: 'elementwise', nests: [], vector: vectorWork(elementsOf(output), cost) }),
});

const float = (): DataType => 'float32';
const inputDtype = ({ inputs }: TypedNode) => dtypeOf(inputs[0]);

/** The type of the list that holds the values. */
function encodedDtype(node: Node): DataType | null {
  const values = tensorAttribute(node, 'values_tensor');
  if (values !== undefined) return values.dtype;
  if (hasAttribute(node, 'values_int64s')) return 'int64';
  if (hasAttribute(node, 'values_floats')) return 'float32';
  return hasAttribute(node, 'values_strings') ? 'string' : null;
}

const labelEncoder = ({ node, inputs }: TypedNode): DataType | null => {
  if (node.version >= 2) return encodedDtype(node);
  return dtypeOf(inputs[0]) === 'string' ? 'int64' : 'string';
};

const encoders: readonly Operator[] = [
  mapping('Scaler', '(x-offset)·scale. 1 addition and 1 multiplication per element.', float, { add: 1, multiply: 1 }),
  mapping(
    'Normalizer',
    'Division by the norm of the row. 1 addition, 1 multiplication and 1 division per element.',
    float,
    {
      add: 1,
      multiply: 1,
      divide: 1,
    },
  ),
  mapping('Binarizer', '1 above the threshold, else 0. 1 addition per element.', inputDtype, { add: 1 }),
  mapping('Imputer', 'Missing values replaced. 1 addition per element.', inputDtype, { add: 1 }),
  mapping('LabelEncoder', 'Keys looked up in a table. 1 move per element.', labelEncoder, { move: 1 }),
  mapping(
    'CategoryMapper',
    'Categories between strings and numbers. 1 move per element.',
    ({ inputs }) => (dtypeOf(inputs[0]) === 'string' ? 'int64' : 'string'),
    { move: 1 },
  ),
];

const oneHotEncoder: Operator = {
  domain,
  name: 'OneHotEncoder',
  documentation: '1 at the category of each element, along a new last axis. 1 move per output element.',
  infer: ({ node, inputs }) => {
    const categories =
      intsAttribute(node, 'cats_int64s', []).length || stringsAttribute(node, 'cats_strings', []).length;
    const [input] = inputs;
    return [input?.shape ? tensor('float32', [...input.shape, categories]) : shapeUnknownAs('float32', input)];
  },
};

const arrayFeatureExtractor: Operator = {
  domain,
  name: 'ArrayFeatureExtractor',
  documentation: 'Columns picked by index. 1 move per output element.',
  infer: ({ inputs }) => {
    const [input, indices] = inputs;
    if (!input?.shape || !indices?.shape || input.shape.length === 0) return [shapeUnknownAs(dtypeOf(input), input)];
    // All indices count, whatever their shape: exporters give the columns that ArgMax kept as n × 1.
    const picked = product(indices.shape);
    return [tensor(input.dtype, input.shape.length === 1 ? [1, picked] : [...input.shape.slice(0, -1), picked])];
  },
};

const featureVectorizer: Operator = {
  domain,
  name: 'FeatureVectorizer',
  documentation: 'Columns of several tensors side by side. 1 move per output element.',
  infer: ({ inputs }) => {
    const reason = 'the shape of an input is not known';
    const columns = inputs.map((input) => input?.shape?.at(-1) ?? unknown(reason)).reduce<Dimension>(add, 0);
    return [tensor('float32', [samples(inputs[0]), columns])];
  },
};

const zipMap: Operator = {
  domain,
  name: 'ZipMap',
  documentation: 'A map from class to score for each sample. 1 move per score.',
  infer: () => [{ dtype: 'float32', shape: null, container: 'map', reason: 'a sequence of maps has no shape' }],
  work: ({ inputs }) => ({
    operatorClass: 'data-movement',
    nests: [],
    vector: vectorWork(elementsOf(inputs[0]), { move: 1 }),
  }),
};

export const machineLearningOperators: readonly Operator[] = [
  ...models,
  ...encoders,
  oneHotEncoder,
  arrayFeatureExtractor,
  featureVectorizer,
  zipMap,
];
