/**
 * Reads TensorFlow Lite (LiteRT): schema version 3. Weights stay where they are; operators become those of `src/ir`, and
 * what ONNX has no word for an operator of the domain `tflite`.
 */
import { UserError } from '../errors.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { Graph, Model } from '../ir/graph.ts';
import {
  elementTable,
  nameField,
  numberField,
  openFlat,
  rootTable,
  tableField,
  tablesField,
  vectorField,
  type Table,
} from './flatbuffer.ts';
import { hasMagic } from './magic.ts';
import { absentWarning, listExternalFiles, openExternalFiles } from './onnx/external-data.ts';
import { noNodeIds } from './onnx/node-ids.ts';
import { quote } from './protobuf.ts';
import { readMainGraph } from './tflite/graph.ts';
import { readCodes, subgraphCount, type GraphReading } from './tflite/subgraph.ts';
import { metadataFields, modelFields, signatureFields, tensorMapFields } from './tflite/schema.ts';
import { bufferRange } from './tflite/tensor.ts';

const schemaVersion = 3;

/** Entries of metadata and signatures that are looked at; more than any converter writes. */
const maximumEntries = 256;

/** The identifier `TFL3` behind the root's offset, or behind a length in front of that. */
export function isTflite(head: Uint8Array): boolean {
  return hasMagic(head, 4, 'TFL3') || hasMagic(head, 8, 'TFL3');
}

/**
 * @param path for messages, and for the name of the model file
 * @throws UserError when the file is damaged, contradicts itself or reaches out of its folder.
 */
export function readTflite(sources: ModelSources, path: string): Model {
  const source = sources.get('');
  if (source === undefined) throw new UserError(`${path}: there is no such model file`);
  const flat = openFlat(source, path);
  const hasLength = !hasMagic(source.read(0, Math.min(8, source.byteLength)), 4, 'TFL3');
  const model = rootTable(flat, hasLength ? 4 : 0);
  const version = numberField(model, modelFields.version, 'uint32');
  if (version !== schemaVersion)
    throw new UserError(`${path}: TFLite schema version ${version}; ${schemaVersion} is read`);
  const reading: GraphReading = {
    flat,
    model,
    files: openExternalFiles(sources, path),
    nodeIds: noNodeIds(),
    tensorNames: noNodeIds(),
    warnings: new Set(),
    quantization: new Map(),
    states: new Map(),
    handles: new Map(),
    codes: readCodes(model, path),
    places: new Map(),
    subgraphs: new Map(),
    withoutData: new Map(),
    nodes: 0,
    built: new Set(),
    copiedNodes: 0,
    copiedCharacters: 0,
  };
  const graph = readMainGraph(reading);
  const metadata = readMetadata(reading, graph);
  const modelFile = { path: path.split('/').at(-1)!, byteLength: source.byteLength, available: true };
  return {
    format: 'tflite',
    producer: producerOf(metadata),
    irVersion: version,
    opsets: new Map([['tflite', version]]),
    graph,
    functions: [],
    metadata,
    files: [modelFile, ...listExternalFiles(reading.files)],
    warnings: warningsOf(reading),
    numbering: { subgraphs: subgraphCount(model), places: reading.places },
  };
}

function producerOf(metadata: ReadonlyMap<string, string>): string {
  const version = metadata.get('tensorflow_version');
  return version === undefined ? (metadata.get('description') ?? '') : `tensorflow ${version}`;
}

/** Texts of the file beside its graph; names of signatures with what they call their inputs and outputs. */
function readMetadata(reading: GraphReading, graph: Graph): ReadonlyMap<string, string> {
  const { model } = reading;
  const metadata = new Map<string, string>();
  const note = (key: string, value: string): void => {
    if (value !== '') metadata.set(key, value);
  };
  note('description', nameField(model, modelFields.description));
  let left = maximumEntries;
  for (const entry of tablesField(model, modelFields.metadata)) {
    if (--left < 0) break;
    noteEntry(entry, reading, note);
  }
  for (const signature of tablesField(model, modelFields.signatures)) {
    if (--left < 0) break;
    const key = nameField(signature, signatureFields.key);
    if (numberField(signature, signatureFields.subgraph, 'uint32') !== 0) {
      reading.warnings.add('several signatures: the first subgraph is counted, the others are not');
      continue;
    }
    note(`signature ${key}`, signatureText(signature, reading, graph));
  }
  return metadata;
}

/** Buffers of two kinds of entries are understood: a version as text, and how the file was converted. */
function noteEntry(entry: Table, reading: GraphReading, note: (key: string, value: string) => void): void {
  const name = nameField(entry, metadataFields.name);
  const isVersion = name === 'min_runtime_version';
  if (!isVersion && name !== 'CONVERSION_METADATA') return;
  const buffers = vectorField(reading.model, modelFields.buffers, 4);
  const index = numberField(entry, metadataFields.buffer, 'uint32');
  const range = buffers !== undefined && index < buffers.length ? bufferRange(reading, buffers, index) : undefined;
  if (range === undefined) return;
  if (isVersion) {
    const bytes = reading.flat.source.read(range.offset, Math.min(64, range.byteLength));
    note(name, new TextDecoder().decode(bytes).split('\0')[0]!);
    return;
  }
  // ConversionMetadata: environment (0) with the version of TensorFlow (0).
  const environment = tableField(rootTable(reading.flat, range.offset), 0);
  if (environment !== undefined) note('tensorflow_version', nameField(environment, 0));
}

/** `x=serving_default_x:0 -> logits=StatefulPartitionedCall:0` */
function signatureText(signature: Table, { subgraphs }: GraphReading, graph: Graph): string {
  const tensors = subgraphs.get(0)?.tensors ?? [];
  const sides = [signatureFields.inputs, signatureFields.outputs].map((field) => {
    const vector = vectorField(signature, field, 4);
    const count = Math.min(vector?.length ?? 0, graph.inputs.length + graph.outputs.length);
    return Array.from({ length: count }, (_, index) => {
      const entry = elementTable(signature.flat, vector!, index);
      const tensor = tensors[numberField(entry, tensorMapFields.tensor, 'uint32')];
      return `${nameField(entry, tensorMapFields.name)}=${tensor?.name ?? '?'}`;
    }).join(', ');
  });
  return sides.join(' -> ');
}

function warningsOf({ warnings, files, withoutData, model }: GraphReading): readonly string[] {
  const all = [...warnings];
  const absent = absentWarning(files);
  if (absent !== undefined) all.push(absent);
  const [first] = withoutData.keys();
  if (first !== undefined) {
    const others = withoutData.size === 1 ? '' : ` and ${withoutData.size - 1} more`;
    all.push(`weights not available: tensor ${quote(first)}${others} has neither bytes nor an operator that makes it`);
  }
  const subgraphs = vectorField(model, modelFields.subgraphs, 4)?.length ?? 0;
  if (subgraphs === 0) all.push('the file holds no subgraph');
  return all;
}
