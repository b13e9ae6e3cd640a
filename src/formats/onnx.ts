/**
 * Reads ONNX: ModelProto of onnx.proto, IR 1 to 14. Weights stay where they are; what is kept of them is their ranges.
 */
import { UserError } from '../errors.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';
import { absentWarning, listExternalFiles, openExternalFiles, readProperties } from './onnx/external-data.ts';
import { readFunction, readMainGraph, type Reading } from './onnx/graph.ts';
import { noKnownAttributes } from './onnx/known-attributes.ts';
import { noNodeIds } from './onnx/node-ids.ts';
import { readOpsets } from './onnx/opset.ts';
import { checkRecursion } from './onnx/recursion.ts';
import { fields, integerOf, keep, nameOf, openWire, rootMessage, type Field, type Message } from './protobuf.ts';

/** The newest ONNX IR version that this reader knows (onnx 1.23). */
const newestIrVersion = 14;

/** The model's header; the messages inside are read once the opsets are known, which may follow the graph. */
interface ModelDraft {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  graph: Message | undefined;
  readonly imports: Message[];
  readonly functions: Message[];
  readonly metadata: Message[];
}

/**
 * @param path for messages, and for the name of the model file
 * @throws UserError when the file is damaged, contradicts itself or reaches out of its folder.
 */
export function readOnnx(sources: ModelSources, path: string): Model {
  const source = sources.get('');
  if (source === undefined) throw new UserError(`${path}: there is no such model file`);
  const draft = readModelDraft(rootMessage(openWire(source, path)));
  if (draft.graph === undefined) throw new UserError(`${path}: this ONNX file holds no graph`);
  const opsets = readOpsets(draft.imports);
  const files = openExternalFiles(sources, path);
  const reading: Reading = { files, opsets, ids: noNodeIds(), warnings: [], attributes: noKnownAttributes() };
  const graph = readMainGraph(draft.graph, reading);
  const functions = draft.functions.map((message) => readFunction(message, reading));
  checkRecursion(functions, path);
  const modelFile = { path: path.split('/').at(-1)!, byteLength: source.byteLength, available: true };
  return {
    format: 'onnx',
    producer: `${draft.producerName} ${draft.producerVersion}`.trim(),
    irVersion: draft.irVersion,
    opsets,
    graph,
    functions,
    metadata: readProperties(draft.metadata),
    files: [modelFile, ...listExternalFiles(files)],
    warnings: warningsOf(draft, reading),
  };
}

function readModelDraft(root: Message): ModelDraft {
  const draft: ModelDraft = {
    irVersion: 0,
    producerName: '',
    producerVersion: '',
    graph: undefined,
    imports: [],
    functions: [],
    metadata: [],
  };
  const visit = new Map<number, (field: Field) => void>([
    [1, (field) => (draft.irVersion = integerOf(field))],
    [2, (field) => (draft.producerName = nameOf(field))],
    [3, (field) => (draft.producerVersion = nameOf(field))],
    [7, (field) => (draft.graph = field)],
    [8, (field) => keep(field.wire, draft.imports, field)],
    [14, (field) => keep(field.wire, draft.metadata, field)],
    [25, (field) => keep(field.wire, draft.functions, field)],
  ]);
  for (const field of fields(root)) visit.get(field.number)?.(field);
  return draft;
}

function warningsOf({ irVersion }: ModelDraft, { files, warnings }: Reading): string[] {
  const all = [...warnings];
  if (irVersion > newestIrVersion) {
    all.push(
      `ONNX IR version ${irVersion} is newer than ${newestIrVersion}, the newest one known: parts may be missed`,
    );
  }
  const absent = absentWarning(files);
  if (absent !== undefined) all.push(absent);
  if (files.tensorsWithoutData > 0) {
    all.push(`weights not available: tensors with type and shape but no data: ${files.tensorsWithoutData}`);
  }
  return all;
}
