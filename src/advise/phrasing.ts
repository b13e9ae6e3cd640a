/** A set of layers in the grammar of what-ifs: as one glob where one stands for just these. */
import { printPhrases, type EditPhrase, parsePhrases } from '../optimizations/grammar.ts';
import type { Simulation } from '../simulate/simulation.ts';
import type { Move } from './moves.ts';
import { layersNamed } from './selection.ts';

/** More edits than this nobody reads; the grammar takes 64. */
export const mostPhrases = 12;

/** By edit: the layers that it changes when it is made on all. */
export type Reach = ReadonlyMap<string, ReadonlySet<string>>;

/** Undefined where it would take too many words. */
export function phraseMoves(moves: readonly Move[], reach: Reach, base: Simulation): string | undefined {
  const texts = [...new Set(moves.map(({ edit }) => edit))].flatMap((edit) => {
    const layers = moves.filter((move) => move.edit === edit).map(({ layer }) => layer);
    return globsOf(layers, reach.get(edit) ?? new Set(), base).map((pattern) => phrase(edit, pattern));
  });
  return texts.length > mostPhrases ? undefined : texts.join('; ');
}

function phrase(edit: string, pattern: string | undefined): string {
  const [bare] = parsePhrases(edit) as [EditPhrase];
  return printPhrases([pattern === undefined ? bare : { ...bare, on: { kind: 'glob', pattern } }]);
}

/** Globs for just these of the `reached` layers, or undefined for "all that it applies to". */
export function globsOf(
  layers: readonly string[],
  reached: ReadonlySet<string>,
  base: Pick<Simulation, 'layers'>,
): readonly (string | undefined)[] {
  if (layers.length === reached.size) return [undefined];
  const prefix = layers.length > 1 ? scopePrefix(layers) : '';
  if (prefix !== '') {
    const named = layersNamed(`${prefix}*`, base.layers).filter(({ name }) => reached.has(name));
    if (named.length === layers.length) return [`${prefix}*`];
  }
  return layers;
}

/** What all names begin with, up to the last border of a scope. */
function scopePrefix([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length -= 1;
  return /^.*[/.]/.exec(first.slice(0, length))?.[0] ?? '';
}
