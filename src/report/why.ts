/** Why a layer costs what it costs, and what changed about it: the words of a row. */
import type { DiffRow, MatchStatus } from '../compare/comparison.ts';
import type { LayerCost } from '../simulate/simulation.ts';
import { percent, printQuantity } from '../units.ts';
import { causesWorthAWord, causeWords, sumCauses } from './causes.ts';
import { slowestLayer } from './repeats.ts';
import { withoutFullStop } from './inert.ts';
import { joined, said, type Phrase } from './phrase.ts';

/** Below this a match is a guess and its row says so. */
const trustworthy = 0.5;

export function isGuess({ match, base, head }: DiffRow): boolean {
  return match.confidence < trustworthy && base.length > 0 && head.length > 0;
}

/** `~ widened 96→128 ×4`: what happened to the rows of one contribution. */
export function changePhrase(rows: readonly DiffRow[]): Phrase {
  const [first] = rows;
  if (first === undefined) return [];
  const words = joined([statusPhrase(first), ...first.changes.map((change): Phrase => [said(change)])], ', ');
  const guess: Phrase = rows.some(isGuess) ? ['~ '] : [];
  const copies: Phrase = rows.length > 1 ? [` ×${rows.length}`] : [];
  return [...guess, ...words, ...copies];
}

/** Words of the change itself say it better than `resized` or `replaced`. */
const wordsOfStatus: Readonly<Record<MatchStatus, string>> = {
  identical: '',
  retrained: '',
  resized: '',
  replaced: '',
  fused: 'fused',
  split: 'split',
  moved: 'moved',
  added: 'added',
  removed: 'removed',
  copy: '',
};

export function statusPhrase({ match, base, head, changes }: DiffRow): Phrase {
  if (base.length === 0 && head.length === 0) return [];
  if (match.status === 'copy' && changes.length > 0) return [];
  if (match.status === 'copy') return [head.length > base.length ? 'one more copy' : 'one copy fewer'];
  const counts =
    base.length === head.length || base.length === 0 || head.length === 0 ? '' : ` ${base.length} → ${head.length}`;
  const word = wordsOfStatus[match.status] + (match.status === 'fused' || match.status === 'split' ? counts : '');
  if (word !== '') return changes.includes(word) ? [] : [word];
  if (changes.length > 0) return [];
  return [match.status === 'identical' || match.status === 'retrained' ? 'same layer' : match.status];
}

/** `compute-bound, utilization 61%; falls back to the CPU: …`: from the head, or the base of what was removed. */
export function whyPhrase(rows: readonly DiffRow[]): Phrase {
  const [row] = rows;
  const layer = slowestLayer(row?.head ?? []);
  if (row === undefined) return [];
  if (layer === undefined) return row.base.length > 0 ? [] : ['names, graph structure, metadata'];
  const peak: Phrase = rows.some(({ setsPeakMemory }) => setsPeakMemory) ? ['sets the peak memory'] : [];
  return joined([fallbackPhrase(rows), boundPhrase(layer, slowestLayer(row.base)), causePhrase(rows), peak], '; ');
}

/** Of rows that are not alike: what may be said of all of them together. */
export function whyTogether(rows: readonly DiffRow[]): Phrase {
  const layers = rows.flatMap((row) => row.head);
  const fallen = layers.filter(({ fallback }) => fallback !== null).length;
  const fallback: Phrase = fallen === 0 ? [] : [`${fallen} of ${layers.length} on the CPU`];
  const peak: Phrase = rows.some(({ setsPeakMemory }) => setsPeakMemory) ? ['sets the peak memory'] : [];
  return joined([fallback, causePhrase(rows), peak], '; ');
}

/** With what the rows would save if they had not to. */
function fallbackPhrase(rows: readonly DiffRow[]): Phrase {
  const layers = rows.flatMap((row) => row.head);
  // Of several the one that costs most: a conversion in front of a layer is there because of it.
  const reason = slowestLayer(layers.filter(({ fallback }) => fallback !== null))?.fallback;
  if (reason === undefined || reason === null) return [];
  const told = rows.every(({ changes }) => changes.includes('falls back to the CPU'));
  const saved = sumCauses(layers).get('cpu-fallback')?.savedSeconds ?? 0;
  const saving = saved > 0 ? ` (−${printQuantity(saved, 'time')} without it)` : '';
  return [told ? '' : 'falls back to the CPU: ', said(withoutFullStop(reason)), saving];
}

function boundPhrase(head: LayerCost, base: LayerCost | undefined): Phrase {
  const before = base !== undefined && base.bound !== head.bound ? ` (was ${base.bound}-bound)` : '';
  const bound = `${head.bound}-bound${before}`;
  if (head.macs === 0 || head.utilization === 0) return [bound];
  const moved = base !== undefined && base.utilization > 0 && Math.abs(base.utilization - head.utilization) >= 0.05;
  return [`${bound}, utilization ${percent(head.utilization)}${moved ? ` (was ${percent(base.utilization)})` : ''}`];
}

/** The largest cause beside the arithmetic itself and the fallback, with what the rows would save without it. */
function causePhrase(rows: readonly DiffRow[]): Phrase {
  const layers = rows.flatMap((row) => row.head);
  const [worst] = causesWorthAWord(layers)
    .filter(({ cause }) => cause !== 'compute' && cause !== 'cpu-fallback')
    .toSorted((a, b) => b.seconds - a.seconds);
  return worst === undefined ? [] : causeWords(worst);
}
