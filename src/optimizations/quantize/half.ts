/**
 * Floats of 16 bits for weights and activations: what `convert_float_to_float16` of onnxruntime.transformers' models 1.32
 * makes with `keep_io_types=True`: the model keeps the floats of 32 bits that go in and come out. Operators of its block
 * list stay as they are, and so do nodes that the edit is not for; their constants stay too. A Cast stands where what was
 * made in one width is read in the other, and nowhere else: the tool puts two between nodes that both stay, and takes
 * them out again. It calls the wide tensor by a new name where here the narrow one has it, so that what stays is as it was.
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

const [resizeWithoutRegion, noInputs] = [new Set([1]), new Set<number>()];

/** Resize had no region of interest before opset 11: its scales stand one place earlier. */
function floatInputs({ operator, domain, version }: Node): ReadonlySet<number> {
  if (operator === 'Resize' && domain === '' && version < 11) return resizeWithoutRegion;
  return alwaysFloat.get(operator) ?? noInputs;
}

/** TensorProto.DataType. */
const typeNumbers = { float32: 1, float16: 10, bfloat16: 16 } as const;

interface HalfDraft extends Draft {
  readonly half: Half;
  readonly nodes: Node[];
  /** Ids of nodes that compute in 32 bits as before. */
  readonly kept: ReadonlySet<string>;
  /** By name of an output of the model: what makes it in 16 bits. */
  readonly renamed: Map<string, string>;
  /** By name of a tensor of 16 bits: its Cast to 32. */
  readonly widened: Map<string, string>;
  /** By name of a tensor of 32 bits: its Cast to 16. */
  readonly narrowed: Map<string, string>;
}

function halfDraftOf(given: Graph, scope: EditScope, half: Half): HalfDraft {
  const draft = draftOf(given, scope);
  const kept = new Set<string>();
  for (const node of given.nodes) if (isKept(draft, node)) kept.add(node.id);
  return { ...draft, half, nodes: [], kept, renamed: new Map(), widened: new Map(), narrowed: new Map() };
}

export function toHalf(given: Graph, scope: EditScope, half: Half): EditedGraph {
  if (scope.model.format === 'tflite') return constantsToHalf(given, scope, half);
  const draft = halfDraftOf(given, scope, half);
  if (draft.touched.size === 0) return finished(draft, given);
  for (const node of given.nodes) if (!draft.kept.has(node.id)) convertConstants(draft, node);
  const outputs = nameOutputs(draft);
  for (const name of narrowTensors(draft)) draft.tensors.set(name, { ...draft.tensors.get(name)!, dtype: half });
  for (const node of given.nodes) {
    if (draft.kept.has(node.id)) keepNode(draft, node);
    else convertNode(draft, node);
  }
  castOutputs(draft, outputs);
  const { nodes, initializers, tensors } = draft;
  const edited = finished(draft, { ...given, nodes, initializers, tensors }, 'types');
  return scope.assumed === half ? inTheFileOnly(given, edited) : edited;
}

/** TFLite's converter stores constants in 16 bits with a Dequantize each: its runtime computes in 32. */
function constantsToHalf(given: Graph, scope: EditScope, half: Half): EditedGraph {
  const draft = draftOf(given, scope);
  for (const node of given.nodes) {
    if (!scope.selects(node)) continue;
    const before = draft.weights.length;
    convertConstants({ ...draft, half }, node);
    if (draft.weights.length > before) draft.touched.add(node.id);
    else refuse(draft, node, 'it has no weights in 32 bits');
  }
  const { initializers, tensors } = draft;
  const edited = finished(draft, { ...given, initializers, tensors });
  return scope.assumed === half ? inTheFileOnly(given, edited) : edited;
}

/** True for nodes that compute in 32 bits as before; notes why. */
function isKept(draft: Draft, node: Node): boolean {
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

/** Made by converted nodes. What comes out of the model has a name of its own by now. */
function* narrowTensors({ given, kept, renamed }: HalfDraft): Generator<string> {
  for (const { id, outputs } of given.nodes) {
    if (kept.has(id)) continue;
    for (const name of outputs) if (!renamed.has(name) && given.tensors.get(name)?.dtype === 'float32') yield name;
  }
}

type ConstantsDraft = Draft & Pick<HalfDraft, 'half'>;

/** Constants that a converted node reads; one that was computed from others, with those. */
function convertConstants(draft: ConstantsDraft, node: Node): void {
  const fixed = floatInputs(node);
  node.inputs.forEach((name, position) => {
    const constant = draft.initializers.get(name);
    if (constant?.dtype !== 'float32' || fixed.has(position)) return;
    for (const origin of constant.foldedFrom ?? []) convertConstant(draft, node, draft.initializers.get(origin));
    if (constant.foldedFrom === undefined) convertConstant(draft, node, constant);
    else setConstant(draft, { ...constant, dtype: draft.half });
  });
}

function convertConstant(draft: ConstantsDraft, node: Node, from: Initializer | undefined): void {
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

interface RenamedOutput {
  readonly name: string;
  readonly inside: string;
  readonly index: number;
}

/** Of what converted nodes make. */
function nameOutputs(draft: HalfDraft): readonly RenamedOutput[] {
  const { given, kept, renamed, tensors } = draft;
  const made = new Set(given.nodes.flatMap(({ id, outputs }) => (kept.has(id) ? [] : outputs)));
  return given.outputs.flatMap((name, index) => {
    if (typeOf(draft, name) !== 'float32' || !made.has(name)) return [];
    const inside = nameFor(draft, `graph_output_cast_${index}`);
    renamed.set(name, inside);
    tensors.set(inside, { ...tensors.get(name)!, dtype: draft.half });
    return [{ name, inside, index }];
  });
}

function castOutputs(draft: HalfDraft, outputs: readonly RenamedOutput[]): void {
  for (const { name, inside, index } of outputs) {
    addCast(draft, undefined, { name: `graph_output_cast${index}`, input: inside, output: name, to: 'float32' });
  }
}

/** Operators that say in an attribute which floats they make. */
const typeAttributes: ReadonlyMap<string, string> = new Map([
  ['Cast', 'to'],
  ...['EyeLike', 'Multinomial', 'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'Bernoulli'].map(
    (name): [string, string] => [name, 'dtype'],
  ),
]);

function convertNode(draft: HalfDraft, given: Node): void {
  const fixed = floatInputs(given);
  const inputs = given.inputs.map((name, position) =>
    fixed.has(position) ? widen(draft, given, name) : narrow(draft, given, name),
  );
  const outputs = given.outputs.map((name) => draft.renamed.get(name) ?? name);
  const attributes = convertedAttributes(given, draft.half);
  putNode(draft, given, { ...given, inputs, outputs, attributes });
}

function convertedAttributes(node: Node, half: Half): Node['attributes'] {
  const key = typeAttributes.get(node.operator) ?? '';
  const converts =
    hasAttribute(node, key) && intAttribute(node, key, undefined) === typeNumbers.float32 && node.domain === '';
  const to: Attribute = { kind: 'int', value: typeNumbers[half] };
  return converts ? new Map([...node.attributes, [key, to]]) : node.attributes;
}

/** What it reads stays 32 bits for it. */
function keepNode(draft: HalfDraft, given: Node): void {
  putNode(draft, given, { ...given, inputs: given.inputs.map((name) => widen(draft, given, name)) });
}

/** What was found out about a node that stays is known by its record, which it keeps. */
function putNode(draft: HalfDraft, given: Node, node: Node): void {
  const isSame =
    node.attributes === given.attributes &&
    node.inputs.every((name, position) => name === given.inputs[position]) &&
    node.outputs.every((name, position) => name === given.outputs[position]);
  draft.nodes.push(isSame ? given : node);
  if (!isSame) noteRenamed(draft, given, node);
}

/** A tensor in 32 bits that this edit made 16 bits of; a constant is converted where the model is loaded. */
function widen(draft: HalfDraft, like: Node, given: string): string {
  const name = draft.renamed.get(given) ?? given;
  if (name === '' || draft.tensors.get(name)?.dtype !== draft.half || typeOf(draft, given) === draft.half) return given;
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

/** A tensor in 16 bits, for a converted node: of what goes into the model, or a node that stays makes. */
function narrow(draft: HalfDraft, like: Node, given: string): string {
  const name = draft.renamed.get(given) ?? given;
  if (draft.tensors.get(name)?.dtype !== 'float32' || draft.initializers.has(name)) return name;
  const known = draft.narrowed.get(name);
  if (known !== undefined) return known;
  const index = draft.given.inputs.indexOf(name);
  const output = nameFor(draft, index < 0 ? `${name}_cast_to_fp16` : `graph_input_cast_${index}`);
  draft.narrowed.set(name, output);
  draft.tensors.set(output, { ...draft.tensors.get(name)!, dtype: draft.half });
  const node = index < 0 ? `${name}_cast_to_fp16_node` : `graph_input_cast${index}`;
  addCast(draft, index < 0 ? like : undefined, { name: node, input: name, output, to: draft.half });
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
