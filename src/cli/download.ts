/** The compressed size of a whole model: the file and its external data. */
import { compressedBytes } from '../formats/compressed-size.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';

/** Null when a part of the model is not here: half a download is no answer. */
export function downloadBytes(model: Model, sources: ModelSources): number | null {
  let total = 0;
  for (const [index, file] of model.files.entries()) {
    const source = sources.get(index === 0 ? '' : file.path);
    if (source === undefined) return null;
    total += compressedBytes(source);
  }
  return total;
}
