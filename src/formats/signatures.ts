/** First bytes of files that may stand where a model is expected. */
import { UserError } from '../errors.ts';
import { bufferSource } from '../ir/byte-source.ts';
import { isManifest } from './coreml/package.ts';
import { isGitLfsPointer } from './git-lfs.ts';
import { hasMagic } from './magic.ts';
import { isTflite } from './tflite.ts';
import { fields, openWire, type Field, type WireType } from './protobuf.ts';

/** How much of a file is enough to recognise it. */
export const headBytes = 4096;

export type FileFormat =
  | 'empty'
  | 'git-lfs-pointer'
  | 'tflite'
  | 'ort'
  | 'executorch'
  | 'gguf'
  | 'hdf5'
  | 'pytorch'
  | 'keras'
  | 'zip'
  | 'safetensors'
  | 'text'
  | 'coreml'
  | 'onnx';

export interface Signature {
  readonly format: FileFormat;
  readonly matches: (head: Uint8Array, path: string) => boolean;
  /** What to say where the format cannot be parsed. */
  readonly refusal: string;
}

/** In the order in which they are tried: the surest first, ONNX (which has no magic number) last. */
const signatures: readonly Signature[] = [
  { format: 'empty', matches: (head) => head.length === 0, refusal: 'the file is empty' },
  {
    format: 'git-lfs-pointer',
    matches: isGitLfsPointer,
    refusal: 'a Git LFS pointer whose object is not in the local store: fetch it with `git lfs pull`',
  },
  { format: 'tflite', matches: isTflite, refusal: notYet('TensorFlow Lite') },
  { format: 'ort', matches: (head) => hasMagic(head, 4, 'ORTM'), refusal: notYet('the ONNX Runtime format (.ort)') },
  { format: 'executorch', matches: (head) => hasMagic(head, 4, 'ET1'), refusal: notYet('ExecuTorch (.pte)') },
  { format: 'gguf', matches: (head) => hasMagic(head, 0, 'GGUF'), refusal: notYet('GGUF') },
  { format: 'hdf5', matches: (head) => hasMagic(head, 0, '\x89HDF\r\n\x1a\n'), refusal: notYet('HDF5 (Keras .h5)') },
  { format: 'keras', matches: isZip(/\.keras$/i), refusal: notYet('Keras (.keras)') },
  { format: 'pytorch', matches: isZip(/\.(pt2?|pth|ckpt)$/i), refusal: notYet('a PyTorch archive') },
  { format: 'pytorch', matches: isPickle, refusal: notYet('a Python pickle') },
  { format: 'zip', matches: isZip(/(?:)/), refusal: notYet('a zip archive') },
  { format: 'safetensors', matches: isSafetensors, refusal: notYet('safetensors') },
  { format: 'coreml', matches: isManifest, refusal: notYet('Core ML') },
  { format: 'text', matches: isText, refusal: 'text, not a model: was an error page or a placeholder saved here?' },
  { format: 'coreml', matches: isCoreMl, refusal: notYet('Core ML') },
  { format: 'onnx', matches: isOnnx, refusal: notYet('ONNX') },
];

export function recognise(head: Uint8Array, path: string): Signature | undefined {
  return signatures.find(({ matches }) => matches(head, path));
}

function notYet(name: string): string {
  return `${name} cannot be parsed yet; size budgets still apply`;
}

function isZip(path: RegExp): Signature['matches'] {
  return (head, name) => hasMagic(head, 0, 'PK\x03\x04') && path.test(name);
}

/** Protocol 2 to 5 of Python's pickle, as `torch.save` wrote before it used zip. */
function isPickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5;
}

/** The length of a JSON header in 8 little-endian bytes, then the header. */
function isSafetensors(head: Uint8Array): boolean {
  return hasMagic(head, 5, '\0\0\0{');
}

/** Nothing but printable ASCII and white space in the first bytes: HTML, YAML, JSON, source code. */
function isText(head: Uint8Array): boolean {
  return head.subarray(0, 64).every((byte) => (byte >= 0x20 && byte <= 0x7e) || (byte >= 0x09 && byte <= 0x0d));
}

/** Fields of ModelProto (onnx.proto) with their wire types. */
const onnxFields: ReadonlyMap<number, WireType> = new Map([
  [1, 0],
  [2, 2],
  [3, 2],
  [4, 2],
  [5, 0],
  [6, 2],
  [7, 2],
  [8, 2],
  [14, 2],
  [20, 2],
  [25, 2],
  [26, 2],
]);

function isOnnx(head: Uint8Array): boolean {
  const seen = topLevelFields(head);
  return seen.length > 0 && seen.every(({ number, type }) => onnxFields.get(number) === type);
}

/**
 * Core ML's Model begins like ONNX's, with a number and field 2; its model types are fields from 200 on (coremltools,
 * Model.proto). They may begin behind the head: then field 2 tells, a message that begins with its first field where ONNX
 * has the name of a producer.
 */
function isCoreMl(head: Uint8Array, path: string): boolean {
  const seen = topLevelFields(head);
  if (seen[0]?.number !== 1) return false;
  if (/\.mlmodel$/i.test(path) || seen.some(({ number }) => number >= 200)) return true;
  const second = seen.find(({ number }) => number === 2);
  return second?.type === 2 && head[second.start] === firstFieldTag;
}

/** Tag of a length-delimited field 1, a line feed as a character. */
const firstFieldTag = 0x0a;

/** The fields that begin within the head, up to the first that is no protobuf. */
function topLevelFields(head: Uint8Array): readonly Field[] {
  const wire = openWire(bufferSource(head), '');
  const seen: Field[] = [];
  try {
    for (const field of fields({ wire, start: 0, end: Number.MAX_SAFE_INTEGER, depth: 0 })) {
      seen.push(field);
      if (field.end >= head.length) break;
    }
  } catch (error) {
    // What a damaged file lacks is for its reader to say.
    if (!(error instanceof UserError)) throw error;
  }
  return seen;
}
