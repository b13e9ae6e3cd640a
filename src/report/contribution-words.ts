/** What happened to the rows that are told as one, and why they cost what they cost. */
import type { DiffRow } from '../compare/comparison.ts';
import { percent } from '../units.ts';
import { counted } from './headline.ts';
import type { Doubt } from './operator-rollup.ts';
import { joined, said, type Phrase } from './phrase.ts';
import { copyWords, layerCount, type Contribution } from './repeats.ts';
import { changePhrase, isGuess, statusPhrase, whyPhrase, whyTogether } from './why.ts';

/** Kinds of changes in one scope that are told; the rest is counted. */
const toldChanges = 2;

export function contributionChange({ kind, rows }: Contribution): Phrase {
  if (kind === 'layers') return changePhrase(rows);
  if (kind === 'block') return blockChange(rows);
  return kind === 'operator' ? operatorChange(rows) : scopeChange(kind, rows);
}

export function contributionWhy({ kind, rows }: Contribution): Phrase {
  return kind === 'layers' ? whyPhrase(rows) : whyTogether(rows);
}

/** `24 → 26 layers` */
function operatorChange([row]: readonly DiffRow[]): Phrase {
  if (row === undefined || layerCount(row) === 0) return [];
  const [base, head] = [row.base.length, row.head.length];
  return [base === head ? counted(head, 'layer') : `${base} → ${counted(head, 'layer')}`];
}

/** `one more copy of this block (×24, was ×23): 5 layers` */
function blockChange(rows: readonly DiffRow[]): Phrase {
  return [said(copyWords(rows[0]!)!), `: ${counted(countLayers(rows), 'layer')}`];
}

function countLayers(rows: readonly DiffRow[]): number {
  return rows.reduce((sum, row) => sum + layerCount(row), 0);
}

/** `14 layers: widened 96→128 ×9, kernel 3→5 ×3, 2 others` */
function scopeChange(kind: Contribution['kind'], rows: readonly DiffRow[]): Phrase {
  const tally = new Map<string, { readonly words: Phrase; count: number }>();
  for (const row of rows) {
    const [first] = row.changes;
    const words: Phrase = first === undefined ? statusPhrase(row) : [said(first)];
    const key = JSON.stringify(words);
    const entry = tally.get(key) ?? { words, count: 0 };
    tally.set(key, entry);
    entry.count += 1;
  }
  const changes = [...tally.values()].toSorted((a, b) => b.count - a.count);
  const told = changes.slice(0, toldChanges);
  const untold = rows.length - told.reduce((sum, { count }) => sum + count, 0);
  const words = told.map(({ words: change, count }): Phrase => [...change, count > 1 ? ` ×${count}` : '']);
  const layers = countLayers(rows);
  const subject = kind === 'scope' ? counted(layers, 'layer') : `${layers} more ${layers === 1 ? 'layer' : 'layers'}`;
  const guess = rows.some(isGuess) ? '~ ' : '';
  return [guess, subject, ': ', ...joined([...words, untold === 0 ? [] : [counted(untold, 'other')]], ', ')];
}

/** Why the rows of a table are operators. */
export function doubtPhrase({ guessed, exchanged }: Doubt): Phrase {
  const shares = [
    { share: guessed, where: 'in layers whose match is a guess' },
    { share: exchanged, where: 'in layers that went while others of the same operator came' },
  ].filter(({ share }) => share > 0);
  const [first, second] = shares.map(({ share, where }) => ({ share: percent(share), where }));
  const more = second === undefined ? '' : `, ${second.share} ${second.where}`;
  return [
    `By operator, which is exact whatever was matched: ${first!.share} of what changed is ${first!.where}${more}`,
  ];
}
