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

/**
 * What speaks for two nodes being the same layer: the first of these three that agrees, and all of the others. Nodes
 * that do not even share a family never become one another. A name only decides between equals.
 */
const operatorScores: readonly [number, number, number] = [4, 3, 2];
const agreementScores: readonly number[] = [2, 1, 1, 0.5, 3, 3, 0.001];

const featureCount = operatorScores.length + agreementScores.length;

/** In the order of the scores, the family last of the first three. */
function featuresOf(node: KeyedNode): readonly number[] {
  return [
    ...[node.operatorKey, node.plainKey, node.familyKey],
    ...[node.weightShapeKey, node.attributesKey, node.outputKey, node.operands.length],
    ...[node.structureKey, node.backwardKey, node.nameKey],
  ];
}

const highestSimilarity = agreementScores.reduce((sum, score) => sum + score, operatorScores[0]);

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
  const turned = base.length < head.length;
  const [rows, columns] = turned ? [head, base] : [base, head];
  const similarity = similarityOf(rows, columns);
  const places = trace(fillBand([rows.length, columns.length], width, similarity), [rows.length, columns.length]);
  return places.map(([row, column]) => {
    const [from, to] = [rows[row]!, columns[column]!];
    const share = similarity(row, column) / highestSimilarity;
    return { base: turned ? to : from, head: turned ? from : to, similarity: share };
  });
}

type Similarity = (row: number, column: number) => number;

/** Minus infinity for nodes of different families. Features lie flat: this is called for every cell of the band. */
function similarityOf(rows: readonly KeyedNode[], columns: readonly KeyedNode[]): Similarity {
  const [left, right] = [rows, columns].map((nodes) => Int32Array.from(nodes.flatMap(featuresOf))) as [
    Int32Array,
    Int32Array,
  ];
  return (row, column) => {
    const [a, b] = [row * featureCount, column * featureCount];
    if (left[a + 2] !== right[b + 2]) return -Infinity;
    const [same, plain, family] = operatorScores;
    let score: number = left[a] === right[b] ? same : left[a + 1] === right[b + 1] ? plain : family;
    for (let at = 0; at < agreementScores.length; at += 1) {
      if (left[a + 3 + at] === right[b + 3 + at]) score += agreementScores[at]!;
    }
    return score;
  };
}

function fillBand([rows, columns]: readonly [number, number], widest: number, similarity: Similarity): Band {
  const width = Math.min(columns, widest);
  const start = (row: number): number => Math.floor((row * (columns - width)) / rows);
  const steps = new Uint8Array((rows + 1) * (width + 1)).fill(skipColumn);
  let above = Float64Array.from({ length: width + 1 }, (_, column) => column * gapScore);
  let current = new Float64Array(width + 1);
  for (let row = 1; row <= rows; row += 1) {
    const first = start(row);
    const shift = first - start(row - 1);
    for (let at = 0; at <= width; at += 1) {
      const diagonal = at + shift - 1;
      const paired =
        diagonal < 0 || first + at === 0 ? -Infinity : above[diagonal]! + similarity(row - 1, first + at - 1);
      const down = at + shift > width ? -Infinity : above[at + shift]! + gapScore;
      const right = at === 0 ? -Infinity : current[at - 1]! + gapScore;
      const best = Math.max(paired, down, right);
      current[at] = best;
      steps[row * (width + 1) + at] = best === paired ? pairUp : best === down ? skipRow : skipColumn;
    }
    [above, current] = [current, above];
  }
  return { width, start, steps };
}

/** The pairs of the best alignment, from the last back to the first, in rising order. */
function trace(band: Band, [rows, columns]: readonly [number, number]): readonly (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  let [row, column] = [rows, columns];
  while (row > 0 && column > 0) {
    const step = band.steps[row * (band.width + 1) + column - band.start(row)]!;
    if (step === pairUp) pairs.push([row - 1, column - 1]);
    if (step !== skipColumn) row -= 1;
    if (step !== skipRow) column -= 1;
  }
  return pairs.reverse();
}
