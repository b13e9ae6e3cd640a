/** NeuralNetwork, NeuralNetworkClassifier and NeuralNetworkRegressor: layers as a graph. */
import { isKnown, type Dimension } from '../../../ir/dimension.ts';
import type { Graph } from '../../../ir/graph.ts';
import { UserError } from '../../../errors.ts';
import { quote, type Field, type Message } from '../../protobuf.ts';
import { addNode, addNumbers, closeDraft, openDraft, type Draft, type Reading } from '../building.ts';
import type { Description, Feature } from '../description.ts';
import { fieldsAt, fieldsOf, integerAt, messageAt, messagesAt, textAt, textsAt, type Fields } from '../fields.ts';
import { activationLayers } from './activations.ts';
import { arrayLayers } from './arrays.ts';
import { channelLayers } from './channels.ts';
import { elementwiseLayers } from './elementwise.ts';
import { fillingLayers } from './filling.ts';
import { emitLayer, type Blobs, type Layer, type LayerType } from './layer.ts';
import { recurrentLayers } from './recurrent.ts';
import { sliceLayers } from './slices.ts';
import { spatialLayers } from './spatial.ts';

const layerTypes: ReadonlyMap<number, LayerType> = new Map(
  [
    ...activationLayers,
    ...arrayLayers,
    ...channelLayers,
    ...elementwiseLayers,
    ...fillingLayers,
    ...recurrentLayers,
    ...sliceLayers,
    ...spatialLayers,
  ].map((type) => [type.field, type]),
);

/** The first field of a layer's own parameters; those before are its name, inputs and outputs. */
const firstParameters = 100;

const [branch, loop] = [605, 615];

/** Names of the layers' fields in NeuralNetwork.proto by their numbers. */
export const networkLayers: ReadonlyMap<number, string> = new Map([
  ...[...layerTypes].map(([number, { name }]) => [number, name] as const),
  [branch, 'branch'],
  [loop, 'loop'],
  [620, 'loopBreak'],
  [625, 'loopContinue'],
]);

/** @throws UserError when a layer reads what nothing gives. */
export function readNetwork(message: Message, description: Description, reading: Reading): Graph {
  const network = fieldsOf(message);
  const draft = openDraft(reading);
  const blobs: Blobs = { tensors: new Map(), ranks: new Map(), taken: new Set(), draft };
  const exact = integerAt(network, 5) === 1;
  const inputs = description.inputs.map((feature) => defineInput(feature, exact, blobs));
  readLayers(network, blobs);
  const outputs = description.outputs.flatMap(({ name }) => blobs.tensors.get(name) ?? []);
  const labels = readClassifier(network, description, blobs);
  return closeDraft(draft, inputs, [...outputs, ...labels]);
}

/** Without exact mapping an array of channels is an image of one pixel, and every image has a batch. */
function defineInput({ name, kind, type }: Feature, exact: boolean, blobs: Blobs): string {
  const shape = kind === 'array' && !exact && type.shape !== null ? asImage(type.shape) : type.shape;
  const { reason } = type;
  blobs.draft.tensors.set(name, {
    dtype: type.dtype === null ? null : 'float32',
    shape,
    ...(shape === null && reason !== undefined ? { reason } : {}),
  });
  blobs.tensors.set(name, name);
  blobs.taken.add(name);
  if (shape !== null) blobs.ranks.set(name, shape.length);
  return name;
}

/** Five axes are sequence, batch, channels, height and width; the sequence joins the batch. */
function asImage(shape: readonly Dimension[]): readonly Dimension[] {
  if (shape.length === 1) return [1, shape[0]!, 1, 1];
  if (shape.length === 3) return [1, ...shape];
  return shape.length === 5 && isKnown(shape[0]!) && shape[0] === 1 ? shape.slice(1) : shape;
}

function readLayers(network: Fields, blobs: Blobs): void {
  for (const message of messagesAt(network, 1)) readLayer(fieldsOf(message), blobs);
}

function readLayer(fields: Fields, blobs: Blobs): void {
  const number = [...fields.keys()].find((key) => key >= firstParameters) ?? 0;
  const type = layerTypes.get(number);
  const layer = layerOf(fields, number, blobs);
  if (number === branch) translateBranch(layer);
  else if (number === loop) translateLoop(layer);
  else if (type?.translate !== undefined) type.translate(layer);
  else emitLayer(layer, `coreml.${layerName(number)}`, layer.inputs);
}

function layerName(number: number): string {
  return networkLayers.get(number) ?? `layer${number}`;
}

function layerOf(fields: Fields, number: number, blobs: Blobs): Layer {
  const name = textAt(fields, 1);
  const type = layerTypes.get(number);
  const inputNames = textsAt(fields, 2);
  const inputs = inputNames.map((input) => tensorOf(input, name, blobs));
  const declared = (field: number) =>
    messagesAt(fields, field).map((each) => integerAt(fieldsOf(each), 1) || undefined);
  const declaredInputs = declared(4);
  const ranks = inputNames.map((input, position) => declaredInputs[position] ?? blobs.ranks.get(input));
  const parameters = fieldsAt(fields, number);
  const unnamed = {
    draft: blobs.draft,
    type: type?.name ?? '',
    inputs,
    ranks,
    outputRanks: declared(5),
    parameters,
    blobs,
  };
  const outputNames = textsAt(fields, 3);
  const outputs = outputNames.map((output) => ({
    name: newTensor(output, name, blobs),
    type: { dtype: 'float32' as const },
  }));
  const layer: Layer = { ...unnamed, name: name === '' ? (outputNames[0] ?? layerName(number)) : name, outputs };
  outputNames.forEach((output, position) => {
    const rank = layer.outputRanks[position] ?? (type?.rank === undefined ? ranks[0] : type.rank(layer));
    if (rank !== undefined) blobs.ranks.set(output, rank);
  });
  return layer;
}

function tensorOf(blob: string, layer: string, { tensors, draft }: Blobs): string {
  const tensor = tensors.get(blob);
  if (tensor === undefined) {
    throw new UserError(
      `${draft.reading.files.path}: layer ${quote(layer)} reads ${quote(blob)}, which nothing before it gives`,
    );
  }
  return tensor;
}

/** A layer may write over its input: what comes out is another tensor. */
function newTensor(blob: string, layer: string, { tensors, taken }: Blobs): string {
  let tensor = blob;
  for (let number = 1; taken.has(tensor); number += 1) tensor = `${blob}@${layer}${number > 1 ? number : ''}`;
  taken.add(tensor);
  tensors.set(blob, tensor);
  return tensor;
}

interface Body {
  readonly blobs: Blobs;
  readonly draft: Draft;
}

function openBody({ draft, name, blobs }: Layer, body: string): Body {
  const inner = openDraft(draft.reading, `${draft.prefix}${name}/${body}/`);
  return {
    draft: inner,
    blobs: { ...blobs, tensors: new Map(blobs.tensors), ranks: new Map(blobs.ranks), draft: inner },
  };
}

/** Both branches write the blobs that are read afterwards. */
function translateBranch(layer: Layer): void {
  const bodies = [1, 2].map((field, index) => {
    const body = openBody(layer, index === 0 ? 'then_branch' : 'else_branch');
    readLayers(fieldsAt(layer.parameters, field), body.blobs);
    return body;
  }) as [Body, Body];
  const { blobs, name } = layer;
  const changed = [...new Set(bodies.flatMap((body) => [...body.blobs.tensors.keys()]))].filter(
    (blob) =>
      bodies.every((body) => body.blobs.tensors.has(blob)) &&
      bodies.some((body) => body.blobs.tensors.get(blob) !== blobs.tensors.get(blob)),
  );
  const graphs = bodies.map((body) =>
    closeDraft(
      body.draft,
      [],
      changed.map((blob) => body.blobs.tensors.get(blob)!),
    ),
  );
  // What a branch makes must not have the name of what comes out of the node.
  const outputs = changed.map((blob) => newTensor(blob, name, blobs));
  addNode(layer.draft, {
    operator: 'If',
    id: name,
    name,
    inputs: layer.inputs.slice(0, 1),
    outputs,
    attributes: { then_branch: { graph: graphs[0]! }, else_branch: { graph: graphs[1]! } },
  });
}

/** Blobs that the body writes over are carried from one run to the next. */
function translateLoop(layer: Layer): void {
  const { parameters, blobs, name, draft } = layer;
  const most = integerAt(parameters, 1);
  const body = openBody(layer, 'body');
  const condition = messageAt(parameters, 3);
  if (condition !== undefined) readLayers(fieldsOf(condition), body.blobs);
  readLayers(fieldsAt(parameters, 4), body.blobs);
  const carried = [...blobs.tensors].filter(([blob, tensor]) => body.blobs.tensors.get(blob) !== tensor);
  const [iteration, goesOn] = [`${name}/iteration`, `${name}/goesOn`];
  body.draft.tensors.set(iteration, { dtype: 'int64', shape: [] });
  body.draft.tensors.set(goesOn, { dtype: 'bool', shape: [] });
  // The body reads the tensors around it by their names, so that its own inputs take those.
  const inputs = [iteration, goesOn, ...carried.map(([, tensor]) => tensor)];
  const outputs = [goesOn, ...carried.map(([blob]) => body.blobs.tensors.get(blob)!)];
  const trips = most > 0 ? addNumbers(draft, `${name}/trips`, { dtype: 'int64', shape: [], elements: [most] }) : '';
  const before = carried.map(([, tensor]) => tensor);
  addNode(draft, {
    operator: 'Loop',
    id: name,
    name,
    inputs: [trips, '', ...before],
    outputs: carried.map(([blob]) => newTensor(blob, name, blobs)),
    attributes: { body: { graph: closeDraft(body.draft, inputs, outputs) } },
  });
}

/** The label of the largest probability, and the probabilities by label, where the outputs ask for them. */
function readClassifier(network: Fields, description: Description, blobs: Blobs): readonly string[] {
  const labels = messageAt(network, 100);
  const numbers = messageAt(network, 101);
  const given = textAt(network, 200);
  const last = lastOutput(network);
  const probabilities = blobs.tensors.get(given) ?? blobs.tensors.get(last);
  const missing = description.outputs.filter(({ name }) => !blobs.tensors.has(name));
  if ((labels === undefined && numbers === undefined) || probabilities === undefined) return [];
  return missing.map(({ name, kind }) => addLabel(name, kind, { probabilities, labels, draft: blobs.draft }));
}

function lastOutput(network: Fields): string {
  const layer = messagesAt(network, 1).at(-1);
  return layer === undefined ? '' : (textsAt(fieldsOf(layer), 3)[0] ?? '');
}

interface Labels {
  readonly probabilities: string;
  readonly labels: Field | undefined;
  readonly draft: Draft;
}

function addLabel(name: string, kind: Feature['kind'], { probabilities, labels, draft }: Labels): string {
  const texts = labels === undefined ? undefined : textsAt(fieldsOf(labels), 1);
  if (kind === 'other') {
    const classes = texts === undefined ? { classlabels_int64s: [0] } : { classlabels_strings: texts };
    addNode(draft, {
      operator: 'ai.onnx.ml.ZipMap',
      id: name,
      name,
      inputs: [probabilities],
      outputs: [name],
      attributes: classes,
    });
    return name;
  }
  const best = `${name}/best`;
  addNode(draft, {
    operator: 'ArgMax',
    id: best,
    name: best,
    inputs: [probabilities],
    outputs: [best],
    attributes: { axis: -1 },
  });
  const values = texts === undefined ? { values_int64s: [0] } : { values_strings: ['label'] };
  addNode(draft, {
    operator: 'ai.onnx.ml.LabelEncoder',
    id: name,
    name,
    inputs: [best],
    outputs: [name],
    attributes: { keys_int64s: [0], ...values },
  });
  return name;
}
