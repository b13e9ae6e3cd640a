/**
 * ONNX Runtime, where somebody has installed it: no dependency of this package, never bundled. It is looked for beside
 * this program and in the folder that an environment variable names, never in the working directory: that may be a
 * checkout of somebody else's change, and nothing of it is executed.
 */
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { elementReader } from '../formats/elements.ts';
import { isDataType } from '../ir/data-type.ts';
import type { InputTensor } from './model-inputs.ts';

/** The part of onnxruntime-common's API that is used here. */
interface Runtime {
  readonly InferenceSession: {
    create(path: string, options: Readonly<Record<string, unknown>>): Promise<NativeSession>;
  };
  readonly Tensor: new (type: string, data: ArrayBufferView, shape: readonly number[]) => NativeTensor;
  readonly env: { readonly versions: { readonly node?: string; readonly common?: string } };
}

interface NativeTensor {
  readonly type: string;
  readonly data: unknown;
}

interface NativeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, NativeTensor>>): Promise<Readonly<Record<string, NativeTensor>>>;
  release(): Promise<void>;
}

/** The runtime cannot load or run the model. The message is a sentence without a full stop. */
export class NotRun extends Error {}

export interface LoadedRuntime {
  /** `onnxruntime 1.30.0`. */
  readonly version: string;
  /** Throws `NotRun`. */
  readonly open: (path: string) => Promise<Session>;
}

export interface Session {
  readonly inputNames: readonly string[];
  /** By name of the output: its elements, undefined where these are no plain numbers. Throws `NotRun`. */
  readonly run: (inputs: readonly InputTensor[]) => Promise<ReadonlyMap<string, Float64Array | undefined>>;
  readonly close: () => Promise<void>;
}

const variable = 'MODEL_BUDGET_ONNXRUNTIME';

/** @throws UserError that says how to install it. */
export function loadRuntime(): LoadedRuntime {
  const folder = process.env[variable];
  const places = folder === undefined ? [] : [join(resolve(folder), 'package.json')];
  for (const place of [...places, import.meta.url]) {
    const found = required(place);
    if (found === undefined) continue;
    const { node, common } = found.env.versions;
    return { version: `onnxruntime ${node ?? common ?? '(unknown)'}`, open: (path) => opened(found, path) };
  }
  throw new UserError(
    `--verify needs ONNX Runtime, which is not installed: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node where model-budget is installed, or anywhere with ${variable} set to that folder`,
  );
}

function required(place: string): Runtime | undefined {
  try {
    return createRequire(place)('onnxruntime-node') as Runtime;
  } catch {
    return undefined;
  }
}

/** One thread: sums are made in the same order on every machine with the same instructions. */
const options = { logSeverityLevel: 4, intraOpNumThreads: 1, interOpNumThreads: 1 };

async function opened({ InferenceSession, Tensor }: Runtime, path: string): Promise<Session> {
  const session = await attempt(path, () => InferenceSession.create(path, options));
  return {
    inputNames: session.inputNames,
    run: async (inputs) => {
      const feeds = inputs.map(
        ({ name, dtype, shape, bytes }) => [name, new Tensor(dtype, typedArray(dtype, bytes), shape)] as const,
      );
      const results = await attempt(path, () => session.run(Object.fromEntries(feeds)));
      return new Map(session.outputNames.map((name) => [name, elementsOf(results[name])]));
    },
    close: () => session.release(),
  };
}

async function attempt<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new NotRun(`ONNX Runtime does not run it: ${line.replaceAll(dirname(path), '.').slice(0, 300)}`);
  }
}

/** By type: what its tensors are made of. Halves are the integers of their bits. */
const arrays: ReadonlyMap<string, new (buffer: ArrayBufferLike) => ArrayBufferView> = new Map<
  string,
  new (buffer: ArrayBufferLike) => ArrayBufferView
>([
  ['float32', Float32Array],
  ['float64', Float64Array],
  ['float16', Uint16Array],
  ['int8', Int8Array],
  ['uint8', Uint8Array],
  ['int16', Int16Array],
  ['uint16', Uint16Array],
  ['int32', Int32Array],
  ['uint32', Uint32Array],
  ['int64', BigInt64Array],
  ['uint64', BigUint64Array],
  ['bool', Uint8Array],
]);

function typedArray(dtype: string, bytes: Uint8Array): ArrayBufferView {
  const array = arrays.get(dtype) ?? Uint8Array;
  // A copy of its own: the bytes may lie anywhere in their buffer.
  return new array(new Uint8Array(bytes).buffer);
}

function elementsOf(tensor: NativeTensor | undefined): Float64Array | undefined {
  if (tensor === undefined || !isDataType(tensor.type) || !ArrayBuffer.isView(tensor.data)) return undefined;
  const read = elementReader(tensor.type);
  if (read === undefined) return undefined;
  const { buffer, byteOffset, byteLength } = tensor.data;
  const view = new DataView(buffer, byteOffset, byteLength);
  const count = 'length' in tensor.data && typeof tensor.data.length === 'number' ? tensor.data.length : 0;
  return Float64Array.from({ length: count }, (_, index) => read(view, index));
}
