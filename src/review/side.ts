/** One version of a model as a review sees it: read and prepared, or why not. */
import { UserError } from '../errors.ts';
import { compressedBytes, compressedModelBytes } from '../formats/compressed-size.ts';
import { detectFormat, readModel } from '../formats/index.ts';
import type { ByteSource, ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';
import { dynamicDimensions } from '../passes/bind-dimensions.ts';
import { prepare } from '../passes/index.ts';
import type { Bindings, PreparedModel, UnboundDimension } from '../passes/prepared.ts';

/** What the caller has of one version. */
export type ReviewedSide =
  | { readonly sources: ModelSources }
  /** It could not be fetched. `fileBytes`: its size, where that is known without the file. */
  | { readonly error: string; readonly fileBytes?: number };

export interface PreparedSide {
  readonly kind: 'prepared';
  readonly sources: ModelSources;
  readonly prepared: PreparedModel;
  /** The values of its dynamic dimensions, without those that are meant for other models. */
  readonly bindings: Bindings;
  readonly fileBytes: number;
  /** Null: nobody asked, or a part is not there. */
  readonly downloadBytes: number | null;
}

/** Known to be there and nothing else: a format that cannot be parsed, a dimension without a value, a broken file. */
export interface OpaqueSide {
  readonly kind: 'opaque';
  readonly reason: string;
  readonly fileBytes: number | null;
  readonly downloadBytes: number | null;
}

export type Side = PreparedSide | OpaqueSide | 'absent';

export interface ReadOptions {
  readonly path: string;
  readonly bindings: Bindings;
  readonly download: boolean;
}

export function readSide(side: ReviewedSide | undefined, options: ReadOptions): Side {
  if (side === undefined) return 'absent';
  if ('error' in side) {
    return { kind: 'opaque', reason: side.error, fileBytes: side.fileBytes ?? null, downloadBytes: null };
  }
  try {
    return readSources(side.sources, options);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return opaque(side.sources, options, error.message);
  }
}

function readSources(sources: ModelSources, options: ReadOptions): Side {
  const model = readModel(sources, options.path);
  const bindings = fittingBindings(model, options.bindings);
  const prepared = prepare(model, bindings);
  const fileBytes = model.files.reduce((sum, file) => sum + file.byteLength, 0);
  const downloadBytes = options.download ? compressedModelBytes(model, sources) : null;
  if (prepared.unbound.length > 0) {
    return { kind: 'opaque', reason: unboundReason(prepared.unbound), fileBytes, downloadBytes };
  }
  return { kind: 'prepared', sources, prepared, bindings, fileBytes, downloadBytes };
}

/** A config speaks of many models: what one of them does not have is meant for another. */
export function fittingBindings({ graph }: Model, { dims, inputs }: Bindings): Bindings {
  const known = dynamicDimensions(graph);
  return {
    dims: new Map([...dims].filter(([name]) => known.has(name))),
    inputs: new Map([...inputs].filter(([name]) => graph.inputs.includes(name))),
  };
}

/** Formats that hold a model in one file, though nobody here can look into it. */
const closedFormats: ReadonlySet<string | undefined> = new Set([
  ...['tflite', 'ort', 'executorch', 'gguf', 'hdf5', 'pytorch', 'keras', 'zip', 'safetensors', 'coreml'],
  undefined,
]);

function opaque(sources: ModelSources, { path, download }: ReadOptions, reason: string): OpaqueSide {
  const file = sources.get('');
  const format = file === undefined ? 'empty' : detectFormat(file.read(0, Math.min(4096, file.byteLength)), path);
  if (file === undefined || !closedFormats.has(format)) {
    return { kind: 'opaque', reason, fileBytes: null, downloadBytes: null };
  }
  const files = [file, ...(sources.paths?.() ?? []).map((name) => sources.get(name))];
  if (!files.every((each) => each !== undefined))
    return { kind: 'opaque', reason, fileBytes: null, downloadBytes: null };
  const total = (sizeOf: (source: ByteSource) => number) => files.reduce((sum, each) => sum + sizeOf(each), 0);
  return {
    kind: 'opaque',
    reason,
    fileBytes: total(({ byteLength }) => byteLength),
    downloadBytes: download ? total(compressedBytes) : null,
  };
}

/** Names the key of the config that sets what is missing, and the flag for who has no config. */
function unboundReason(unbound: readonly UnboundDimension[]): string {
  const set = unbound.map(({ symbol, input }) =>
    symbol === ''
      ? `models[].inputs.${shorten(input)} (--input '${shorten(input)}=…x…')`
      : `models[].dims.${shorten(symbol)} (--dim '${shorten(symbol)}=…')`,
  );
  const inputs = unbound.map(({ input, declared }) => `${shorten(input)} (${shorten(declared)})`);
  return `a dimension has no value: set ${some(set)} in the config, for input ${some(inputs)}`;
}

function some(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  return distinct.slice(0, 4).join(' and ') + (distinct.length > 4 ? ' …' : '');
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
