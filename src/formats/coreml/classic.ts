/** Models without layers: trees, linear models, support vectors, and what prepares features for them. */
import type { Graph } from '../../ir/graph.ts';
import { fields as fieldsIn, integerOf, keep, type Field } from '../protobuf.ts';
import {
  addNode,
  addNumbers,
  closeDraft,
  openDraft,
  type AttributeInput,
  type Draft,
  type Reading,
} from './building.ts';
import type { Description } from './description.ts';
import {
  doublesAt,
  fieldsAt,
  fieldsOf,
  integerAt,
  integersAt,
  messageAt,
  messagesAt,
  textsAt,
  type Fields,
} from './fields.ts';

interface Classic {
  /** Of Model.proto. */
  readonly field: number;
  readonly name: string;
  /** Absent: none of ai.onnx.ml is like it. */
  readonly operator?: string;
  readonly attributes?: (model: Fields) => Readonly<Record<string, AttributeInput | undefined>>;
  /** Further inputs that its parameters make. */
  readonly operands?: (model: Fields, draft: Draft) => readonly string[];
}

const machineLearning = 'ai.onnx.ml.';

/** Labels are strings or integers; two that nobody named still score two. */
function classLabels(model: Fields) {
  const texts = messageAt(model, 100);
  if (texts !== undefined) return { classlabels_strings: textsAt(fieldsOf(texts), 1) };
  return { classlabels_int64s: integersAt(fieldsAt(model, 101), 1) };
}

/** What counts of an ensemble: which node is of which tree. */
function treeNodes(ensemble: Fields) {
  const trees: number[] = [];
  const features: number[] = [];
  for (const node of messagesAt(ensemble, 1)) {
    const { tree, feature } = readTreeNode(node);
    keep(node.wire, trees, tree);
    features.push(feature);
  }
  return { nodes_treeids: trees, nodes_featureids: features };
}

function readTreeNode(node: Field): { readonly tree: number; readonly feature: number } {
  let [tree, feature] = [0, 0];
  for (const field of fieldsIn(node)) {
    if (field.number === 1) tree = integerOf(field);
    else if (field.number === 10) feature = integerOf(field);
  }
  return { tree, feature };
}

/** Rows of weights, one for each class or target. */
function coefficients(model: Fields) {
  const rows = messagesAt(model, 1).map((each) => doublesAt(fieldsOf(each), 1));
  return { coefficients: { floats: rows.flat() }, targets: rows.length };
}

const kernels = ['LINEAR', 'RBF', 'POLY', 'SIGMOID'];

/** Sparse vectors count by the elements that they have. */
function supportVectors(model: Fields, places: { readonly sparse: number; readonly dense: number }) {
  const dense = messagesAt(fieldsAt(model, places.dense), 1).map((each) => doublesAt(fieldsOf(each), 1));
  const sparse = messagesAt(fieldsAt(model, places.sparse), 1).map((each) =>
    messagesAt(fieldsOf(each), 1).map(() => 0),
  );
  const kernel = [...fieldsAt(model, 1).keys()][0] ?? 1;
  return { support_vectors: { floats: [...dense, ...sparse].flat() }, kernel_type: kernels[kernel - 1] ?? 'LINEAR' };
}

const classics: readonly Classic[] = [
  {
    field: 402,
    name: 'treeEnsembleClassifier',
    operator: `${machineLearning}TreeEnsembleClassifier`,
    attributes: (model) => ({ ...treeNodes(fieldsAt(model, 1)), ...classLabels(model) }),
  },
  {
    field: 302,
    name: 'treeEnsembleRegressor',
    operator: `${machineLearning}TreeEnsembleRegressor`,
    attributes: (model) => ({ ...treeNodes(fieldsAt(model, 1)), n_targets: integerAt(fieldsAt(model, 1), 2) || 1 }),
  },
  {
    field: 400,
    name: 'glmClassifier',
    operator: `${machineLearning}LinearClassifier`,
    attributes: (model) => ({ ...coefficients(model), ...classLabels(model) }),
  },
  { field: 300, name: 'glmRegressor', operator: `${machineLearning}LinearRegressor`, attributes: coefficients },
  {
    field: 401,
    name: 'supportVectorClassifier',
    operator: `${machineLearning}SVMClassifier`,
    attributes: (model) => ({ ...supportVectors(model, { sparse: 3, dense: 4 }), ...classLabels(model) }),
  },
  {
    field: 301,
    name: 'supportVectorRegressor',
    operator: `${machineLearning}SVMRegressor`,
    attributes: (model) => supportVectors(model, { sparse: 2, dense: 3 }),
  },
  { field: 600, name: 'oneHotEncoder', operator: `${machineLearning}OneHotEncoder`, attributes: categories },
  { field: 601, name: 'imputer', operator: `${machineLearning}Imputer` },
  { field: 602, name: 'featureVectorizer', operator: `${machineLearning}FeatureVectorizer` },
  { field: 603, name: 'dictVectorizer', operator: `${machineLearning}DictVectorizer`, attributes: vocabulary },
  { field: 604, name: 'scaler', operator: `${machineLearning}Scaler` },
  { field: 606, name: 'categoricalMapping', operator: `${machineLearning}CategoryMapper` },
  { field: 607, name: 'normalizer', operator: `${machineLearning}Normalizer` },
  {
    field: 609,
    name: 'arrayFeatureExtractor',
    operator: `${machineLearning}ArrayFeatureExtractor`,
    operands: extractedIndices,
  },
  { field: 610, name: 'nonMaximumSuppression', operator: 'coreml.non_maximum_suppression_model' },
  { field: 900, name: 'identity', operator: 'Identity' },
  { field: 304, name: 'bayesianProbitRegressor' },
  { field: 404, name: 'kNearestNeighborsClassifier' },
  { field: 501, name: 'itemSimilarityRecommender' },
  { field: 555, name: 'customModel' },
  { field: 556, name: 'linkedModel' },
  { field: 560, name: 'classConfidenceThresholding' },
  { field: 2000, name: 'textClassifier' },
  { field: 2001, name: 'wordTagger' },
  { field: 2002, name: 'visionFeaturePrint' },
  { field: 2003, name: 'soundAnalysisPreprocessing' },
  { field: 2004, name: 'gazetteer' },
  { field: 2005, name: 'wordEmbedding' },
  { field: 2006, name: 'audioFeaturePrint' },
  { field: 3000, name: 'serializedModel' },
];

function categories(model: Fields) {
  const texts = messageAt(model, 1);
  return texts === undefined
    ? { cats_int64s: integersAt(fieldsAt(model, 2), 1) }
    : { cats_strings: textsAt(fieldsOf(texts), 1) };
}

function vocabulary(model: Fields) {
  const texts = messageAt(model, 1);
  return texts === undefined
    ? { int64_vocabulary: integersAt(fieldsAt(model, 2), 1) }
    : { string_vocabulary: textsAt(fieldsOf(texts), 1) };
}

function extractedIndices(model: Fields, draft: Draft): readonly string[] {
  const elements = integersAt(model, 1);
  return [addNumbers(draft, `${draft.prefix}extractIndex`, { dtype: 'int64', shape: [elements.length], elements })];
}

/** The model as a graph of one node; undefined where the file holds none of these. */
export function readClassic(model: Fields, description: Description, reading: Reading): Graph | undefined {
  const found = classics.find(({ field }) => model.has(field));
  if (found === undefined) return undefined;
  const draft = openDraft(reading);
  const parameters = fieldsAt(model, found.field);
  const inputs = description.inputs.map(({ name }) => name);
  for (const { name, type } of [...description.inputs, ...description.outputs]) draft.tensors.set(name, type);
  const outputs = labelsFirst(description);
  addNode(draft, {
    operator: found.operator ?? `coreml.${found.name}`,
    id: outputs[0] ?? found.name,
    name: found.name,
    inputs: [...inputs, ...(found.operands?.(parameters, draft) ?? [])],
    outputs,
    attributes: found.attributes?.(parameters) ?? {},
  });
  return closeDraft(draft, inputs, outputs);
}

/** A classifier of ONNX gives the label, then the scores. */
function labelsFirst({ outputs }: Description): readonly string[] {
  const order = outputs.toSorted((a, b) => Number(a.kind === 'other') - Number(b.kind === 'other'));
  return order.map(({ name }) => name);
}
