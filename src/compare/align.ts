/**
 * Weighted alignment of two short stretches (Needleman–Wunsch): which node of one became which of the other, in order.
 * Banded where a stretch is long, so that time and memory stay linear in the size of the graph.
 */
import type { KeyedNode } from './keyed-graph.ts';

export interface AlignedPair {
  readonly base: KeyedNode;
  readonly head: KeyedNode;
  /** Share of the highest possible similarity, 0 to 1. */
  readonly similarity: number;
}

/** What speaks for two nodes being the same layer; a name only decides between equals. */
const scores = {
  operator: 4,
  plainOperator: 3,
  family: 2,
  weightShape: 2,
  attributes: 1,
  output: 1,
  operands: 0.5,
  structure: 3,
  backward: 3,
  name: 0.001,
} as const;

const highestSimilarity = 4 + 2 + 1 + 1 + 0.5 + 3 + 3 + 0.001;

/** Leaving one node alone on its side. */
const gapScore = -0.5;

const skipRow = 0;
const skipColumn = 1;
const pairUp = 2;

/** Scores of prefixes in a band around the diagonal: row i holds the columns `start(i)` to `start(i) + width`. */
interface Band {
  readonly width: number;
  readonly start: (row: number) => number;
  readonly steps: Uint8Array;
}

/** @param width how many nodes of the other stretch each node is tried with, around the diagonal */
export function align(base: readonly KeyedNode[], head: readonly KeyedNode[], width: number): readonly AlignedPair[] {
  if (base.length === 0 || head.length === 0) return [];
  // Rows are the longer side: the band then moves by at most one column a row and never tears.
  if (base.length >= head.length) return trace(base, head, fillBand(base, head, width));
  return trace(head, base, fillBand(head, base, width)).map((pair) => ({ ...pair, base: pair.head, head: pair.base }));
}

function fillBand(rows: readonly KeyedNode[], columns: readonly KeyedNode[], widest: number): Band {
  const width = Math.min(columns.length, widest);
  const start = (row: number): number => Math.floor((row * (columns.length - width)) / rows.length);
  const steps = new Uint8Array((rows.length + 1) * (width + 1)).fill(skipColumn);
  let above = Float64Array.from({ length: width + 1 }, (_, column) => column * gapScore);
  for (let row = 1; row <= rows.length; row += 1) {
    const current = new Float64Array(width + 1);
    const shift = start(row) - start(row - 1);
    for (let at = 0; at <= width; at += 1) {
      const column = start(row) + at;
      const paired =
        column > 0
          ? (above[at + shift - 1] ?? -Infinity) + similarity(rows[row - 1]!, columns[column - 1]!)
          : -Infinity;
      const down = (above[at + shift] ?? -Infinity) + gapScore;
      const right = at > 0 ? current[at - 1]! + gapScore : -Infinity;
      const best = Math.max(paired, down, right);
      current[at] = best;
      steps[row * (width + 1) + at] = best === paired ? pairUp : best === down ? skipRow : skipColumn;
    }
    above = current;
  }
  return { width, start, steps };
}

function trace(rows: readonly KeyedNode[], columns: readonly KeyedNode[], band: Band): AlignedPair[] {
  const pairs: AlignedPair[] = [];
  let [row, column] = [rows.length, columns.length];
  while (row > 0 && column > 0) {
    const step = band.steps[row * (band.width + 1) + column - band.start(row)]!;
    if (step === pairUp) {
      const [base, head] = [rows[row - 1]!, columns[column - 1]!];
      pairs.push({ base, head, similarity: similarity(base, head) / highestSimilarity });
    }
    if (step !== skipColumn) row -= 1;
    if (step !== skipRow) column -= 1;
  }
  return pairs.reverse();
}

/** Minus infinity for operators of different families: those never become one another. */
function similarity(a: KeyedNode, b: KeyedNode): number {
  if (a.familyKey !== b.familyKey) return -Infinity;
  let score: number =
    a.operator === b.operator ? scores.operator : a.plainKey === b.plainKey ? scores.plainOperator : scores.family;
  if (a.weightShapeKey === b.weightShapeKey) score += scores.weightShape;
  if (a.attributes === b.attributes) score += scores.attributes;
  if (a.outputKey === b.outputKey) score += scores.output;
  if (a.operands.length === b.operands.length) score += scores.operands;
  if (a.structureKey === b.structureKey) score += scores.structure;
  if (a.backwardKey === b.backwardKey) score += scores.backward;
  if (a.node.name === b.node.name) score += scores.name;
  return score;
}
