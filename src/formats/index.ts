/** Model formats: recognised by a file's first bytes, read into the graph of `src/ir`. */
import { UserError } from '../errors.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';
import { readOnnx } from './onnx.ts';
import { readTflite } from './tflite.ts';
import { headBytes, recognise, type FileFormat } from './signatures.ts';

interface Reader {
  readonly format: FileFormat;
  readonly read: (sources: ModelSources, path: string) => Model;
}

/** The formats that can be parsed. */
const readers: readonly Reader[] = [
  { format: 'onnx', read: readOnnx },
  { format: 'tflite', read: readTflite },
];

/**
 * The format by a file's first bytes (4 KiB are plenty); the path breaks ties between formats that share a container.
 * Undefined: none that is known.
 */
export function detectFormat(head: Uint8Array, path: string): FileFormat | undefined {
  return recognise(head, path)?.format;
}

/**
 * @param sources the model file under `''`, external data by its path relative to the model's folder; what is not
 *   there is missing from the map
 * @param path of the model, for messages
 * @throws UserError when the file is no model that can be parsed.
 */
export function readModel(sources: ModelSources, path: string): Model {
  const source = sources.get('');
  if (source === undefined) throw new UserError(`${path}: there is no such file`);
  const head = source.read(0, Math.min(source.byteLength, headBytes));
  const recognised = recognise(head, path);
  if (recognised === undefined) throw new UserError(`${path}: not a model file of a known format`);
  const reader = readers.find(({ format }) => format === recognised.format);
  if (reader === undefined) throw new UserError(`${path}: ${recognised.refusal}`);
  return reader.read(sources, path);
}

/** The model's files besides the model file itself, relative to its folder, there or not. */
export function externalPaths(model: Model): readonly string[] {
  return model.files.slice(1).map(({ path }) => path);
}
