/** What compressed weights take in the memory that a target reads them from. */
import type { Graph, Initializer } from '../ir/graph.ts';
import type { CompressedWeights, Target } from './target.ts';

/** Entries of tables are halves where tables are read as they are. */
const entryBytes = 2;

/**
 * @param plain bytes of the unpacked weights on this target
 * @param forms that stay as they are; weights in others are unpacked
 */
export function compressedBytes(
  { shape, packing }: Pick<Initializer, 'shape' | 'packing'>,
  plain: number,
  forms: CompressedWeights['forms'],
): number {
  const elements = shape.reduce((count, size) => count * size, 1);
  const table = forms.includes('palette') ? packing?.table : undefined;
  const kept = forms.includes('sparse') ? packing?.kept : undefined;
  if (elements === 0 || (table === undefined && kept === undefined)) return plain;
  const bits = table?.bits ?? (plain * 8) / elements;
  const beside = entryBytes * (table?.entries ?? 0);
  const mask = kept === undefined ? 0 : Math.ceil(elements / 8);
  return Math.min(plain, Math.ceil(((kept ?? elements) * bits) / 8) + mask + beside);
}

/**
 * Forms in which weights of the graph are stored and which this target unpacks when it loads the model: the file is
 * smaller, the latency is that of plain weights. None where the compiler compresses weights itself.
 */
export function formsUnpacked({ initializers }: Graph, { support, plan }: Target): CompressedWeights['forms'] {
  if (plan.compressedShare !== undefined) return [];
  const packings = [...initializers.values()].map(({ packing }) => packing);
  const held = [
    ...(packings.some((packing) => packing?.table !== undefined) ? (['palette'] as const) : []),
    ...(packings.some((packing) => packing?.kept !== undefined) ? (['sparse'] as const) : []),
  ];
  return held.filter((form) => support.compressedWeights?.forms.includes(form) !== true);
}
