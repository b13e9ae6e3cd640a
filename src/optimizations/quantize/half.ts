/**
 * Floats of 16 bits for weights and activations: what onnxruntime.transformers.float16 1.32 makes with
 * `keep_io_types=True`: the model keeps the floats of 32 bits that go in and come out, with a Cast each. Operators of its
 * block list stay as they are, between Casts, and so do nodes that the edit is not for; their constants stay too.
 */
import { bitsPerElement, isQuantizedInteger } from '../../ir/data-type.ts';
import type { DataType } from '../../ir/data-type.ts';
import type { Attribute, Graph, Initializer, Node } from '../../ir/graph.ts';
import { hasAttribute, intAttribute } from '../../operators/attribute.ts';
import type { EditedGraph, EditScope } from '../optimization.ts';
import { draftOf, finished, nameFor, newConstant, newNode, refuse, setConstant } from './draft.ts';
import type { Draft } from './draft.ts';
import { inTheFileOnly, storedBits } from './weights.ts';

export type Half = 'float16' | 'bfloat16';

/** DEFAULT_OP_BLOCK_LIST. */
const blocked: ReadonlySet<string> = new Set([
  ...['ArrayFeatureExtractor', 'Binarizer', 'CastMap', 'CategoryMapper', 'DictVectorizer', 'FeatureVectorizer'],
  ...['Imputer', 'LabelEncoder', 'LinearClassifier', 'LinearRegressor', 'Normalizer', 'OneHotEncoder'],
  ...[
    'RandomUniformLike',
    'SVMClassifier',
    'SVMRegressor',
    'Scaler',
    'TreeEnsembleClassifier',
    'TreeEnsembleRegressor',
  ],
  ...['TreeEnsemble', 'ZipMap', 'NonMaxSuppression', 'TopK', 'RoiAlign', 'Range', 'CumSum', 'Min', 'Max', 'Upsample'],
]);

/** Inputs that are floats of 32 bits by definition: scales of images, factors of groups (ALWAYS_FLOAT_INPUTS). */
const alwaysFloat: ReadonlyMap<string, ReadonlySet<number>> = new Map([
  ['Resize', new Set([2])],
  ['GroupNorm', new Set([1, 2])],
  ['SkipGroupNorm', new Set([1, 2])],
]);

/** TensorProto.DataType. */
const typeNumbers = { float32: 1, float16: 10, bfloat16: 16 } as const;

interface HalfDraft extends Draft {
  readonly half: Half;
  readonly nodes: Node[];
  /** By name of a tensor of 16 bits: its Cast to 32. */
  readonly widened: Map<string, string>;
}

export function toHalf(given: Graph, scope: EditScope, half: Half): EditedGraph {
  if (scope.model.format === 'tflite') return constantsToHalf(given, scope, half);
  const draft: HalfDraft = { ...draftOf(given, scope), half, nodes: [], widened: new Map() };
  const kept = new Set(given.nodes.filter((node) => isKept(draft, node)));
  if (draft.touched.size === 0) return finished(draft, given);
  for (const node of given.nodes) if (!kept.has(node)) convertConstants(draft, node);
  const renamed = castInputs(draft);
  const outputs = nameOutputs(draft, renamed);
  for (const name of floatTensors(draft)) draft.tensors.set(name, { ...draft.tensors.get(name)!, dtype: half });
  for (const node of given.nodes) {
    const named = withNames(node, renamed);
    if (kept.has(node)) keepNode(draft, node, named);
    else draft.nodes.push(convertNode(draft, node, named));
  }
  castOutputs(draft, outputs);
  const { nodes, initializers, tensors } = draft;
  const edited = finished(draft, { ...given, nodes, initializers, tensors }, 'types');
  return scope.assumed === half ? inTheFileOnly(given, edited) : edited;
}

/** TFLite's converter stores constants in 16 bits with a Dequantize each: its runtime computes in 32. */
function constantsToHalf(given: Graph, scope: EditScope, half: Half): EditedGraph {
  const draft: HalfDraft = { ...draftOf(given, scope), half, nodes: [], widened: new Map() };
  for (const node of given.nodes) {
    if (!scope.selects(node)) continue;
    const before = draft.weights.length;
    convertConstants(draft, node);
    if (draft.weights.length > before) draft.touched.add(node.id);
    else refuse(draft, node, 'it has no weights in 32 bits');
  }
  const { initializers, tensors } = draft;
  const edited = finished(draft, { ...given, initializers, tensors });
  return scope.assumed === half ? inTheFileOnly(given, edited) : edited;
}

/** True for nodes that compute in 32 bits as before; notes why. */
function isKept(draft: HalfDraft, node: Node): boolean {
  if (!draft.scope.selects(node)) return true;
  if (blocked.has(node.operator)) {
    refuse(draft, node, `\`${node.operator}\` stays in 32 bits: converters have it on their list of exceptions`);
    return true;
  }
  const types = [...node.inputs, ...node.outputs].map((name) => typeOf(draft, name));
  if (types.includes('float32')) draft.touched.add(node.id);
  else refuse(draft, node, whyNotHalf(types));
  return false;
}

function whyNotHalf(types: readonly (DataType | null | undefined)[]): string {
  const narrow = types.find((dtype) => dtype === 'float16' || dtype === 'bfloat16');
  if (narrow !== undefined) return `it computes in ${narrow} already`;
  const integer = types.find((dtype) => dtype && isQuantizedInteger(dtype));
  return integer === undefined ? 'it computes in no floats of 32 bits' : `it computes in ${integer} already`;
}

function typeOf({ given }: Draft, name: string): DataType | null | undefined {
  return given.initializers.get(name)?.dtype ?? given.tensors.get(name)?.dtype;
}

/** Of 32 bits, made by nodes. What goes in and what comes out of the model has names of its own by now. */
function* floatTensors({ given }: Draft): Generator<string> {
  const outside = new Set([...given.inputs, ...given.outputs]);
  for (const { outputs } of given.nodes) {
    for (const name of outputs) if (!outside.has(name) && given.tensors.get(name)?.dtype === 'float32') yield name;
  }
}

/** Constants that a converted node reads; one that was computed from others, with those. */
function convertConstants(draft: HalfDraft, node: Node): void {
  node.inputs.forEach((name, position) => {
    const constant = draft.initializers.get(name);
    if (constant?.dtype !== 'float32' || alwaysFloat.get(node.operator)?.has(position) === true) return;
    for (const origin of constant.foldedFrom ?? []) convertConstant(draft, node, draft.initializers.get(origin));
    if (constant.foldedFrom === undefined) convertConstant(draft, node, constant);
    else setConstant(draft, { ...constant, dtype: draft.half });
  });
}

function convertConstant(draft: HalfDraft, node: Node, from: Initializer | undefined): void {
  // An edit before this one changed the file alone (`inTheFileOnly`): it holds less than 16 bits, and keeps them.
  if (from?.dtype !== 'float32' || storedBits(from, draft.given) < bitsPerElement(draft.half)) return;
  const { name, shape, nonZeros, indices, available } = from;
  const stored = (from.fileBytes - (indices?.fileBytes ?? 0)) / 2 + (indices?.fileBytes ?? 0);
  const to: Initializer = {
    ...newConstant({ name, dtype: draft.half, shape, fileBytes: Math.ceil(stored), available }),
    ...(nonZeros === undefined ? {} : { nonZeros, ...(indices && { indices }) }),
  };
  setConstant(draft, to);
  draft.weights.push({ node: node.id, from, to, change: { kind: 'cast', dtype: draft.half }, storage: [] });
}

/** By name of an input: what its readers read. */
function castInputs(draft: HalfDraft): Map<string, string> {
  const renamed = new Map<string, string>();
  draft.given.inputs.forEach((name, index) => {
    if (typeOf(draft, name) !== 'float32') return;
    const output = nameFor(draft, `graph_input_cast_${index}`);
    renamed.set(name, output);
    draft.tensors.set(output, { ...draft.tensors.get(name)!, dtype: draft.half });
    addCast(draft, undefined, { name: `graph_input_cast${index}`, input: name, output, to: draft.half });
  });
  return renamed;
}

interface RenamedOutput {
  readonly name: string;
  readonly inside: string;
  readonly index: number;
}

function nameOutputs(draft: HalfDraft, renamed: Map<string, string>): readonly RenamedOutput[] {
  const inputs = new Set(draft.given.inputs);
  return draft.given.outputs.flatMap((name, index) => {
    if (typeOf(draft, name) !== 'float32' || inputs.has(name) || draft.given.initializers.has(name)) return [];
    const inside = nameFor(draft, `graph_output_cast_${index}`);
    renamed.set(name, inside);
    draft.tensors.set(inside, { ...draft.tensors.get(name)!, dtype: draft.half });
    return [{ name, inside, index }];
  });
}

function castOutputs(draft: HalfDraft, outputs: readonly RenamedOutput[]): void {
  for (const { name, inside, index } of outputs) {
    addCast(draft, undefined, { name: `graph_output_cast${index}`, input: inside, output: name, to: 'float32' });
  }
}

function withNames(node: Node, renamed: ReadonlyMap<string, string>): Node {
  const rename = (name: string) => renamed.get(name) ?? name;
  return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
}

/** Operators that say in an attribute which floats they make. */
const typeAttributes: ReadonlyMap<string, string> = new Map([
  ['Cast', 'to'],
  ...['EyeLike', 'Multinomial', 'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'Bernoulli'].map(
    (name): [string, string] => [name, 'dtype'],
  ),
]);

function convertNode(draft: HalfDraft, given: Node, node: Node): Node {
  const fixed = alwaysFloat.get(node.operator);
  const inputs = node.inputs.map((name, position) => (fixed?.has(position) === true ? widen(draft, node, name) : name));
  const key = typeAttributes.get(node.operator) ?? '';
  const converts =
    hasAttribute(node, key) && intAttribute(node, key, undefined) === typeNumbers.float32 && node.domain === '';
  const to: Attribute = { kind: 'int', value: typeNumbers[draft.half] };
  const converted = { ...node, inputs, ...(converts ? { attributes: new Map([...node.attributes, [key, to]]) } : {}) };
  noteRenamed(draft, given, converted);
  return converted;
}

/** Its operands become 32 bits for it, and its results 16 bits behind it. */
function keepNode(draft: HalfDraft, given: Node, node: Node): void {
  const inputs = node.inputs.map((name) => widen(draft, node, name));
  const narrowed: { readonly input: string; readonly output: string }[] = [];
  const outputs = node.outputs.map((name) => {
    if (draft.tensors.get(name)?.dtype !== draft.half || typeOf(draft, name) === draft.half) return name;
    const wide = nameFor(draft, `${name}_cast_to_fp16`);
    draft.tensors.set(wide, { ...draft.tensors.get(name)!, dtype: 'float32' });
    narrowed.push({ input: wide, output: name });
    return wide;
  });
  const kept = { ...node, inputs, outputs };
  draft.nodes.push(kept);
  noteRenamed(draft, given, kept);
  for (const { input, output } of narrowed) {
    addCast(draft, node, { name: `${output}_cast_to_fp16_node`, input, output, to: draft.half });
  }
}

/** A tensor in 32 bits that this edit made 16 bits of; a constant is converted where the model is loaded. */
function widen(draft: HalfDraft, like: Node, name: string): string {
  const given = typeOf(draft, name);
  if (name === '' || draft.tensors.get(name)?.dtype !== draft.half || given === draft.half) return name;
  const known = draft.widened.get(name);
  if (known !== undefined) return known;
  const output = nameFor(draft, `${name}_cast_to_fp32`);
  draft.widened.set(name, output);
  draft.tensors.set(output, { ...draft.tensors.get(name)!, dtype: 'float32' });
  const constant = draft.initializers.get(name);
  const cast = castNode(draft, like, { name: `${name}_cast_to_fp32_node`, input: name, output, to: 'float32' });
  draft.addedNodes.push(cast);
  if (constant === undefined) draft.nodes.push(cast);
  else {
    setConstant(draft, {
      ...constant,
      name: output,
      dtype: 'float32',
      ranges: [],
      fileBytes: 0,
      foldedFrom: constant.foldedFrom ?? [name],
    });
  }
  return output;
}

interface CastOf {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly to: Half | 'float32';
}

function castNode(draft: HalfDraft, like: Node | undefined, { name, input, output, to }: CastOf): Node {
  const attributes = { to: { kind: 'int', value: typeNumbers[to] } as const };
  return newNode(draft, like, { name, operator: 'Cast', inputs: [input], outputs: [output], attributes });
}

function addCast(draft: HalfDraft, like: Node | undefined, cast: CastOf): void {
  const node = castNode(draft, like, cast);
  draft.nodes.push(node);
  draft.addedNodes.push(node);
}

function noteRenamed({ addedNodes, removedNodes }: Draft, given: Node, node: Node): void {
  removedNodes.push(given);
  addedNodes.push(node);
}
