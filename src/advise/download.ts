/** What an edit does to the compressed size: the edited weights as they are stored, in the files as they are. */
import { compressedModelBytes } from '../formats/compressed-size.ts';
import { applyEdits, type ChosenEdit } from '../optimizations/apply.ts';
import { storedFiles } from '../optimizations/weights/stored-files.ts';
import type { Simulation } from '../simulate/simulation.ts';
import type { Subject } from './what-if.ts';

/** Bytes; null where they are not known. */
export interface DownloadBytes {
  readonly base: number | null;
  readonly head: number | null;
}

/** Reads and compresses all files, twice. */
export function downloadBytesOf(subject: Subject, edits: readonly ChosenEdit[]): DownloadBytes {
  const { prepared, bindings, sources } = subject;
  if (sources === undefined) return { base: null, head: null };
  const { model } = prepared;
  const edited = applyEdits(prepared, edits, { bindings });
  const stored = storedFiles({ model, sources, weights: edited.weights, graph: edited.prepared.graph });
  return {
    base: compressedModelBytes(model, sources),
    head: stored === null ? null : compressedModelBytes(model, stored),
  };
}

export function withDownloadBytes(simulation: Simulation, downloadBytes: number | null): Simulation {
  return { ...simulation, totals: { ...simulation.totals, downloadBytes } };
}
