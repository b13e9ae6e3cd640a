/** Blocks of products and resizes: the one with the least traffic per output among all that fit. */
import type { Search } from './block-query.ts';
import { accumulatorDepth, inputPiece, largestFilter, largestOf } from './block-query.ts';
import { inputUnit } from './micro-block.ts';
import type { Extent, Filter } from '../operation.ts';
import { elementsOf, roundUp } from '../operation.ts';

interface Candidate {
  readonly output: Extent;
  readonly input: Extent;
}

interface Best extends Candidate {
  readonly cost: number;
  readonly coverage: number;
}

/** Twice in the buffers, so that one block is filled while another is computed; else once. */
export function searchBlock(search: Search): Candidate | undefined {
  if (search.query.kind === 'resize') return resizeBlock(search);
  return searchWith(search, 2) ?? searchWith(search, 1);
}

function searchWith(search: Search, buffers: 1 | 2): Candidate | undefined {
  const { output } = search.query;
  const micro = search.microBlock;
  const step = { height: micro.height, width: micro.width, depth: Math.max(micro.depth, accumulatorDepth) };
  const end = largestOf(output, step, micro);
  let best: Best | undefined;
  for (const depth of depthsTo(end.depth, output.depth, micro.depth)) {
    for (let height = step.height; height <= end.height; height += step.height) {
      for (let width = step.width; width <= end.width; width += step.width) {
        const candidate = candidateOf({ height, width, depth }, search);
        // A wider one of this height needs more still.
        if (!fits(candidate, search, buffers)) break;
        best = better(candidate, best, search);
      }
    }
  }
  return best && { output: best.output, input: { ...best.input, depth: search.inputDepth } };
}

/** From the first whole granule up in micro-blocks; only the last one may be no multiple of a granule. */
function depthsTo(end: number, outputDepth: number, microDepth: number): number[] {
  const align = (depth: number) => (depth < outputDepth ? roundUp(depth, accumulatorDepth) : depth);
  const depths: number[] = [];
  const first = Math.max(microDepth, Math.min(end, accumulatorDepth));
  for (let depth = align(first); depth <= end; depth = align(depth + microDepth)) depths.push(depth);
  return depths;
}

function candidateOf(output: Extent, { query, microBlock, inputDepth }: Search): Candidate {
  const unit = inputUnit(microBlock, inputDepth, query.inputs[0]!.bits);
  return { output, input: inputPiece(output, query.filter, unit, inputDepth) };
}

function fits(
  { output, input }: Candidate,
  { query, geometry, microBlock, ...search }: Search,
  buffers: number,
): boolean {
  const bits = query.inputs[0]!.bits;
  const unit = inputUnit(microBlock, search.inputDepth, bits);
  const depth = roundUp(Math.min(input.depth, larger(query.inputs).depth), unit.depth);
  const inputBytes = (input.height * input.width * depth * bits) / 8;
  const sums = output.height * output.width * roundUp(output.depth, accumulatorDepth);
  return (
    inputBytes * buffers <= geometry.inputBytes &&
    ((sums * search.accumulatorBits) / 8) * buffers <= geometry.accumulatorBytes
  );
}

function better(candidate: Candidate, best: Best | undefined, search: Search): Best | undefined {
  const { query } = search;
  const whole = larger(query.inputs);
  const cost = costOf(candidate, search);
  if (best !== undefined && cost > best.cost) return best;
  if (best === undefined || cost < best.cost) return { ...candidate, cost, coverage: Infinity };
  const { height, width } = candidate.output;
  if (query.kind !== 'matmul' && (height > 4 || width > 4)) return best;
  const covered = Math.min(whole.height, candidate.input.height) * Math.min(whole.width, candidate.input.width);
  const coverage = float((whole.height * whole.width) / Math.max(covered, 1));
  return coverage <= best.coverage ? { ...candidate, cost, coverage } : best;
}

const float = Math.fround;

/** Elements of input and weights that are read, per output; halved where two buffers hold the whole input. */
function costOf({ output: block, input }: Candidate, { query }: Search): number {
  const { output, filter, kind } = query;
  const whole = larger(query.inputs);
  const cost = prefersLarge(query.filter, output, whole, kind)
    ? float(elementsOf(output) / elementsOf(block))
    : trafficPerOutput({ output: block, input }, output, filter, whole.depth);
  return elementsOf(whole) < elementsOf(input) * 2 ? float(cost / 2) : cost;
}

/** Where every weight is used once, only the number of blocks counts. */
function prefersLarge(filter: Filter, output: Extent, input: Extent, kind: string): boolean {
  const [rows, columns] = [(filter.height - 1) * filter.dilationY + 1, (filter.width - 1) * filter.dilationX + 1];
  return kind === 'matmul' || (rows === input.height && columns === input.width && output.height * output.width === 1);
}

function trafficPerOutput(
  { output: block, input }: Candidate,
  output: Extent,
  filter: Filter,
  inputDepth: number,
): number {
  const blocks = {
    height: float(output.height / block.height),
    width: float(output.width / block.width),
    depth: float(output.depth / block.depth),
  };
  const area = float(blocks.height * blocks.width);
  const wholeArea = Math.ceil(blocks.height) * Math.ceil(blocks.width);
  const pieces =
    Math.ceil(((filter.height - 1) * filter.dilationY + 1) / largestFilter) *
    Math.ceil(((filter.width - 1) * filter.dilationX + 1) / largestFilter);
  const filterTaps = filter.height * filter.width;
  const weights = float(float(float(filterTaps * inputDepth) * wholeArea) * float(blocks.depth * block.depth));
  const reads = float(float(input.height * input.width * inputDepth * pieces) * area);
  const inputs = float(reads * Math.ceil(blocks.depth));
  return float(float(inputs + weights) / elementsOf(output));
}

function larger(inputs: Search['query']['inputs']): Extent {
  const [first, second] = inputs;
  return second !== undefined && elementsOf(second) > elementsOf(first!) ? second : first!;
}

/** One row of up to 16 channels, as wide as its input stays in the chaining buffer. */
function resizeBlock({ query, geometry, microBlock }: Search): Candidate {
  const { output, inputs } = query;
  const input = inputs[0]!;
  const bricks = Math.floor(Math.floor(geometry.chainBytes / 6) / ((16 * input.bits) / 8));
  const scale = output.width / input.width;
  const width = Math.max(1, Math.min(Math.ceil((bricks - 2) * scale + 1), 128));
  const block = { height: 1, width: Math.min(width, roundUp(output.width, microBlock.width)), depth: 16 };
  return { output: block, input: { ...block, width: Math.ceil(block.width / scale) } };
}
