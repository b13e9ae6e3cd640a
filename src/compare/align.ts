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

/** How many kinds of nodes may be compared beforehand; of a hostile graph every node may be of its own. */
const largestTable = 1 << 20;

/** In the order of the scores, the family last of the first three. What repeats comes first, see `placeFeatures`. */
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

/** The width that is tried first, in nodes. */
const firstBand = 192;

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
  const places = bestPath([rows.length, columns.length], width, similarity);
  return places.map(([row, column]) => {
    const [from, to] = [rows[row]!, columns[column]!];
    const share = similarity(row, column) / highestSimilarity;
    return { base: turned ? to : from, head: turned ? from : to, similarity: share };
  });
}

/**
 * Tries a narrow band first, and a wider one while the path runs along the edge of it: there a better one may lie
 * outside.
 */
function bestPath([rows, columns]: readonly [number, number], widest: number, similarity: Similarity): Path {
  for (let width = Math.min(firstBand, widest); ; width = Math.min(4 * width, widest)) {
    const band = fillBand([rows, columns], width, similarity);
    const path = trace(band, [rows, columns]);
    if (width >= Math.min(widest, columns) || path.every((place) => isInside(band, place, columns))) return path;
  }
}

/** Where the band could still be wider, the path should keep off its edge. */
function isInside(band: Band, [row, column]: readonly [number, number], columns: number): boolean {
  const margin = band.width >> 3;
  const [first, last] = [band.start(row), band.start(row) + band.width];
  return (first === 0 || column - first >= margin) && (last >= columns || last - column >= margin);
}

type Path = readonly (readonly [row: number, column: number])[];

type Similarity = (row: number, column: number) => number;

/** The last features, which tell nodes of one kind apart. */
const placeFeatures = 3;

/**
 * Minus infinity for nodes of different families. This is called for every cell of the band, so nodes of one kind are
 * compared once: a network repeats few kinds of layers.
 */
function similarityOf(rows: readonly KeyedNode[], columns: readonly KeyedNode[]): Similarity {
  const [left, right] = [kindsOf(rows), kindsOf(columns)];
  const places = agreementScores.slice(-placeFeatures);
  const width = right.kinds.length;
  const small = left.kinds.length * width <= largestTable;
  const table = Float64Array.from({ length: small ? left.kinds.length * width : 0 }, (_, index) =>
    kindSimilarity(left.kinds[Math.floor(index / width)]!, right.kinds[index % width]!),
  );
  return (row, column) => {
    const [kind, other] = [left.kindAt[row]!, right.kindAt[column]!];
    let score = small ? table[kind * width + other]! : kindSimilarity(left.kinds[kind]!, right.kinds[other]!);
    for (let at = 0; at < placeFeatures; at += 1) {
      if (left.places[row * placeFeatures + at] === right.places[column * placeFeatures + at]) score += places[at]!;
    }
    return score;
  };
}

interface Kinds {
  /** The features of each kind but those of its place. */
  readonly kinds: readonly (readonly number[])[];
  readonly kindAt: Int32Array;
  /** Flat: those of the place, node by node. */
  readonly places: Int32Array;
}

function kindsOf(nodes: readonly KeyedNode[]): Kinds {
  const features = nodes.map(featuresOf);
  const numbers = new Map<string, number>();
  const kinds: (readonly number[])[] = [];
  const kindAt = Int32Array.from(features, (all) => {
    const kind = all.slice(0, -placeFeatures);
    const known = numbers.get(kind.join());
    if (known !== undefined) return known;
    numbers.set(kind.join(), kinds.length);
    return kinds.push(kind) - 1;
  });
  return { kinds, kindAt, places: Int32Array.from(features.flatMap((all) => all.slice(-placeFeatures))) };
}

function kindSimilarity(kind: readonly number[], other: readonly number[]): number {
  if (kind[2] !== other[2]) return -Infinity;
  const operator = operatorScores.findIndex((_, at) => kind[at] === other[at]);
  return agreementScores
    .slice(0, -placeFeatures)
    .reduce((sum, score, at) => sum + (kind[at + 3] === other[at + 3] ? score : 0), operatorScores[operator]!);
}

function fillBand([rows, columns]: readonly [number, number], widest: number, similarity: Similarity): Band {
  const width = Math.min(columns, widest);
  const start = (row: number): number =>
    Math.max(0, Math.min(columns - width, Math.floor((row * columns) / rows) - (width >> 1)));
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
function trace(band: Band, [rows, columns]: readonly [number, number]): Path {
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
