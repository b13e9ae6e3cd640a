/**
 * The smallest edit that meets the budgets: fewest layers touched, then least weight error, then most saved. Small sets are
 * tried exhaustively; beyond that each edit is made on as few layers as it takes, those first that save most. Every answer
 * was compiled and simulated as it is printed. Deterministic, and bounded by the laboratory's number of trials.
 */
import { metricValues } from '../compare/totals.ts';
import { movesOf, worthOf, type Move } from './moves.ts';
import { mostPhrases, phraseMoves, type Reach } from './phrasing.ts';
import type { Laboratory, Trial } from './trial.ts';

/** The least SQNR among a trial's weights, in dB: `Infinity` where none is changed, null where it is not known. */
export type WeightError = (trial: Trial) => number | null;

export interface SearchOptions {
  /** Edits without `on`, mildest first. */
  readonly trials: readonly string[];
  readonly sqnrDecibels: WeightError;
}

/** Trials that meet every budget, best first; empty where no budget is missed or nothing meets them. */
export function search(laboratory: Laboratory, { trials, sqnrDecibels }: SearchOptions): readonly Trial[] {
  if (laboratory.misses.length === 0) return [];
  const wholes = trials.flatMap((edit) => laboratory.try(edit) ?? []);
  const { base, misses } = laboratory;
  const field: Field = {
    laboratory,
    moves: wholes.flatMap((whole) => movesOf(whole, base, misses)),
    reach: new Map(wholes.map(({ edits, touched }) => [edits, new Set(touched)])),
  };
  const meeting = [...smallSets(field), ...wholes, ...trials.flatMap((edit) => prefixOf(field, edit))]
    .concat(prefixOf(field, undefined))
    .filter(meets);
  return ranked([...new Set(meeting)], { laboratory, trials, sqnrDecibels });
}

interface Field {
  readonly laboratory: Laboratory;
  readonly moves: readonly Move[];
  readonly reach: Reach;
}

function meets({ misses }: Trial): boolean {
  return misses.length === 0;
}

const largestSet = 3;

/** Sets that are expected to save less than this share of any excess are not tried: borders cost, they save nothing. */
const leastExpected = 0.5;

/** Of so few moves all sets are tried, whatever is expected of them: a border that goes away with the last layer saves more. */
const fewMoves = 32;

/**
 * Sets of the smallest number of layers that meets the budgets; of more than can be tried, those that are expected to save
 * most.
 */
function smallSets(field: Field): readonly Trial[] {
  const { laboratory } = field;
  const reserve = Math.floor(laboratory.left() / 2);
  for (let size = 1; size <= largestSet; size += 1) {
    const most = Math.floor((laboratory.left() - reserve) / (largestSet + 1 - size));
    const sets = promisingSets(field, size)
      .toSorted((a, b) => worthOf(b) - worthOf(a))
      .slice(0, most);
    const found = sets.flatMap((set) => tryMoves(field, set) ?? []).filter(meets);
    if (found.length > 0) return found;
  }
  return [];
}

/** Sets beyond these are not looked at: of a large model only single layers and pairs. */
const mostSets = 100_000;

function promisingSets({ moves, laboratory }: Field, size: number): readonly (readonly Move[])[] {
  const additive = laboratory.misses.map(({ result }) => isAdditive(result.metric));
  const sets: (readonly Move[])[] = [];
  let seen = 0;
  const extend = (chosen: readonly Move[], from: number): void => {
    if (chosen.length === size) {
      seen += 1;
      if (moves.length <= fewMoves || isPromising(chosen, additive)) sets.push(chosen);
      return;
    }
    for (let index = from; index < moves.length && seen < mostSets; index += 1) {
      const move = moves[index]!;
      if (!chosen.some(({ layer }) => layer === move.layer)) extend([...chosen, move], index + 1);
    }
  };
  extend([], 0);
  return seen < mostSets ? sets : [];
}

function isAdditive(metric: string): boolean {
  return metric !== 'peak-memory' && metric !== 'power' && metric !== 'cpu-fallback';
}

function isPromising(moves: readonly Move[], additive: readonly boolean[]): boolean {
  return additive.every(
    (adds, index) => !adds || moves.reduce((sum, { shares }) => sum + shares[index]!, 0) >= leastExpected,
  );
}

function tryMoves({ laboratory, reach }: Field, moves: readonly Move[]): Trial | undefined {
  const edits = phraseMoves(moves, reach, laboratory.base);
  return edits === undefined ? undefined : laboratory.try(edits);
}

/**
 * The fewest layers, in the order of what they save, on which `edit` (absent: the best of each layer) meets the budgets.
 * Sets that can be written layer by layer come first: of larger ones few can be written at all.
 */
function prefixOf(field: Field, edit: string | undefined): readonly Trial[] {
  const ordered = edit === undefined ? bestOfLayers(field.moves) : field.moves.filter((move) => move.edit === edit);
  const sorted = ordered.filter((move) => worthOf([move]) > 0).toSorted((a, b) => worthOf([b]) - worthOf([a]));
  const best = shortestOf(field, sorted, 1, mostPhrases) ?? shortestOf(field, sorted, mostPhrases + 1, sorted.length);
  return best === undefined ? [] : [best.trial, ...withoutOne(field, best.moves)];
}

interface Prefix {
  readonly trial: Trial;
  readonly moves: readonly Move[];
}

/** The shortest prefix of `fewest` to `most` moves that meets the budgets, if more moves are better than fewer. */
function shortestOf(field: Field, sorted: readonly Move[], fewest: number, most: number): Prefix | undefined {
  let [low, high] = [fewest, Math.min(most, sorted.length)];
  let best: Prefix | undefined;
  let next = Math.min(high, Math.max(low, expectedCount(sorted)));
  while (low <= high) {
    const moves = sorted.slice(0, next);
    const trial = tryMoves(field, moves);
    if (trial !== undefined && meets(trial)) [best, high] = [{ trial, moves }, next - 1];
    else low = next + 1;
    next = Math.floor((low + high) / 2);
  }
  return best;
}

/** How many moves it takes if all goes as expected. */
function expectedCount(sorted: readonly Move[]): number {
  let [low, high] = [1, sorted.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (worthOf(sorted.slice(0, middle)) >= 1) high = middle;
    else low = middle + 1;
  }
  return low;
}

function bestOfLayers(moves: readonly Move[]): readonly Move[] {
  const best = new Map<string, Move>();
  for (const move of moves) {
    const before = best.get(move.layer);
    if (before === undefined || worthOf([move]) > worthOf([before])) best.set(move.layer, move);
  }
  return [...best.values()];
}

/** Sets of this many layers are tried with each layer left out. */
const trimmable = 12;

/** A layer may have been taken for nothing: another one that came later makes up for it. */
function withoutOne(field: Field, moves: readonly Move[]): readonly Trial[] {
  if (moves.length > trimmable) return [];
  for (const left of moves) {
    const others = moves.filter((move) => move !== left);
    const trial = others.length === 0 ? undefined : tryMoves(field, others);
    if (trial !== undefined && meets(trial)) return [trial, ...withoutOne(field, others)];
  }
  return [];
}

interface Ranking extends SearchOptions {
  readonly laboratory: Laboratory;
}

interface Rank {
  readonly trial: Trial;
  readonly sqnr: number | null;
  /** Place of the edit in the list that begins with the mildest. */
  readonly harm: number;
  readonly saved: number;
}

/** Where the weights of one are not there, what the edits usually do to weights decides for all. */
function ranked(found: readonly Trial[], { laboratory, trials, sqnrDecibels }: Ranking): readonly Trial[] {
  const ranks = found.map((trial): Rank => ({
    trial,
    sqnr: sqnrDecibels(trial),
    harm: trials.findIndex((edit) => trial.edits.startsWith(edit)),
    saved: savedShare(trial, laboratory),
  }));
  const known = ranks.every(({ sqnr }) => sqnr !== null);
  const sorted = ranks.toSorted(
    (a, b) =>
      a.trial.touched.length - b.trial.touched.length ||
      (known ? descending(a.sqnr!, b.sqnr!) : a.harm - b.harm) ||
      b.saved - a.saved ||
      (a.trial.edits < b.trial.edits ? -1 : 1),
  );
  return sorted.map(({ trial }) => trial);
}

/** Infinities are equal. */
function descending(a: number, b: number): number {
  return a === b ? 0 : b - a;
}

/** Of what is missed, the sum of the shares of the base's values that are saved. */
function savedShare({ head }: Trial, { misses, base }: Laboratory): number {
  const [before, after] = [metricValues(base), metricValues(head)];
  return misses.reduce((sum, { result: { key } }) => {
    const value = before[key] ?? 0;
    return value === 0 ? sum : sum + (value - (after[key] ?? value)) / value;
  }, 0);
}
