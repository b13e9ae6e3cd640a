/** Blocks of depthwise convolutions, pools and reductions: an area in the shape of the output that fills the buffers. */
import type { Search } from './block-query.ts';
import { accumulatorDepth, inputPiece, largestBlock } from './block-query.ts';
import { inputUnit } from './micro-block.ts';
import type { Extent } from '../operation.ts';
import { elementsOf, roundUp } from '../operation.ts';
import { roundDown } from './work.ts';

interface Fitting {
  readonly search: Search;
  readonly granule: Extent;
  /** In whole granules. */
  readonly output: Extent;
  readonly limit: Extent;
  readonly accumulators: number;
  readonly inputElements: number;
}

/** The block, then made smaller until the input buffer has room to read a row of micro-blocks ahead. */
export function fitArea(search: Search): { readonly output: Extent; readonly input: Extent } | undefined {
  const { query, geometry, microBlock, accumulatorBits } = search;
  const granule = { height: microBlock.height, width: microBlock.width, depth: accumulatorDepth };
  const output = roundTo(query.output, granule);
  const fitting: Fitting = {
    search,
    granule,
    output,
    limit: {
      height: Math.min(output.height, largestBlock.height),
      width: Math.min(output.width, largestBlock.width),
      depth: Math.min(output.depth, largestBlock.depth),
    },
    accumulators: (geometry.accumulatorBytes * 8) / accumulatorBits,
    inputElements: (geometry.inputBytes * 8) / query.inputs[0]!.bits,
  };
  const area = bestArea(fitting);
  return area && withReadAhead(area, fitting);
}

interface Rated {
  readonly area: Extent;
  readonly metric: number;
}

/** Of each depth the largest area that fits; of those the one that covers the output best. */
function bestArea(fitting: Fitting): Extent | undefined {
  const { search, granule, output, limit, accumulators } = fitting;
  const microBlocks = Math.floor(accumulators / elementsOf(granule));
  const deepest = Math.min(Math.max(search.geometry.macs, microBlocks), limit.depth);
  let best: Rated | undefined;
  for (let depth = granule.depth; depth <= deepest; depth += granule.depth) {
    const area = areaOfDepth(depth, fitting);
    // Deeper ones need more still.
    if (area === undefined) break;
    const metric = metricOf(area, fitting);
    if (best !== undefined && metric >= best.metric) continue;
    best = { area, metric };
    const covers = area.depth >= output.depth && area.width >= output.width && area.height >= output.height;
    if (covers) return output;
  }
  return best?.area;
}

/** Less is better: how far the area is from covering the output, times how far its depth is, times unused depth. */
function metricOf({ height, width, depth }: Extent, { search, output, limit }: Fitting): number {
  const { query } = search;
  const deep = hasOneTap(query.filter);
  const unit = unitOf(depth, search).depth;
  const used = depth % unit === 0 ? unit : depth % unit;
  const waste = 1 + (unit - used) / unit / 10;
  const fit = 1 + Math.abs(1 - limit.depth / depth) / 10;
  const whole = deep ? output.width * output.depth : output.width * output.height;
  const coverage = 1 + Math.abs(1 - whole / (width * (deep ? depth : height)));
  return coverage * fit * waste;
}

function hasOneTap({ height, width }: Search['query']['filter']): boolean {
  return height === 1 && width === 1;
}

/** Steps without progress after which the area is made smaller by force. */
const patience = 25;

/** Shrinks the number of sums until both buffers hold the block. */
function areaOfDepth(depth: number, fitting: Fitting): Extent | undefined {
  const { granule, accumulators, inputElements } = fitting;
  const step = granule.height * granule.width * granule.depth;
  let sums = accumulators;
  let before = -1;
  for (let retries = patience; ;) {
    const area = shapedArea(Math.floor(sums / depth), depth, fitting);
    const needed = elementsOf(area);
    const sumRatio = accumulators / needed;
    let inputRatio = inputElements / inputNeeded(area, fitting);
    if (sumRatio >= 1 && inputRatio >= 1) return area;
    if (needed === before && --retries <= 0) inputRatio = 0.9;
    before = needed;
    if (inputRatio < 1 && sumRatio > 1) sums = Math.min(sums, needed);
    const scaled = Math.max(Math.floor(Math.floor(sums / step) * Math.min(inputRatio, sumRatio)), 0) * step;
    const next = scaled === sums ? sums - step : scaled;
    if (next < step) return undefined;
    sums = next;
  }
}

/** An area of about `elements` with the output's ratio of sides; its width divides the output's evenly where it can. */
function shapedArea(elements: number, depth: number, { granule, output, limit }: Fitting): Extent {
  const aspect = output.height / output.width;
  let width = Math.sqrt(elements / aspect);
  let height = width * aspect;
  if (height < 1) [width, height] = [width * height, 1];
  else if (width < 1) [height, width] = [height * width, 1];
  const columns = Math.min(snap(width, granule.width), limit.width);
  const rows = Math.min(snap(height, granule.height), limit.height);
  const evenColumns = columns < output.width ? evenTile(output.width, granule.width, columns) : columns;
  const restRows = roundDown(Math.floor((columns * rows) / evenColumns), granule.height);
  return { height: Math.max(restRows, granule.height), width: evenColumns, depth };
}

function snap(size: number, granule: number): number {
  return roundDown(Math.max(Math.floor(size), granule), granule);
}

/** Among the tiles that are little smaller, the one whose last piece is largest. */
function evenTile(range: number, granule: number, tile: number): number {
  if (range % tile === 0) return tile;
  const tiles = Math.floor(range / tile);
  const equal = Math.max(roundUp(Math.floor(range / (tiles + 1)), granule), granule);
  const smallest = Math.max(equal - granule * 2, Math.floor((equal + 1) / 2), granule);
  let best = tile;
  let bestRest = range % tile;
  for (let candidate = tile; candidate >= smallest; candidate -= granule) {
    const rest = range % candidate === 0 ? candidate : range % candidate;
    if (rest > bestRest) [best, bestRest] = [candidate, rest];
  }
  return best;
}

function inputNeeded(area: Extent, { search }: Fitting): number {
  const unit = unitOf(area.depth, search);
  const piece = inputPiece(area, search.query.filter, unit, search.inputDepth);
  return Math.min(elementsOf(piece), elementsOf(roundTo(search.query.inputs[0]!, unit)));
}

function unitOf(depth: number, { query, microBlock, inputDepth }: Search): Extent {
  return inputUnit(microBlock, inputDepth === 0 ? depth : inputDepth, query.inputs[0]!.bits);
}

function roundTo(extent: Extent, step: Extent): Extent {
  return {
    height: roundUp(extent.height, step.height),
    width: roundUp(extent.width, step.width),
    depth: roundUp(extent.depth, step.depth),
  };
}

/** Which sides may be cut although they are not what should be cut first. */
type Force = 0 | 1 | 2 | 3;

function withReadAhead(area: Extent, fitting: Fitting): { output: Extent; input: Extent } {
  const { search, granule, output, inputElements } = fitting;
  let block = area;
  let force: Force = 0;
  for (;;) {
    const unit = unitOf(block.depth, search);
    const piece = (extent: Extent) => inputPiece(extent, search.query.filter, unit, search.inputDepth);
    const input = piece(block);
    const single = block.width >= output.width && block.height >= output.height && block.depth >= output.depth;
    const ahead = elementsOf(piece({ ...block, height: granule.height }));
    if (single || inputElements - elementsOf(input) >= ahead) return { output: block, input };
    const smaller = cut(block, force, fitting);
    if (smaller !== undefined) block = smaller;
    else if (force < 3) force = (force + 1) as Force;
    else if (block.depth > granule.depth)
      block = { ...block, depth: Math.max(Math.floor(block.depth / 2), granule.depth) };
    else return { output: block, input };
  }
}

/** Rows first, then channels where there are more of them than columns, then columns. */
function cut(block: Extent, force: Force, { granule, output }: Fitting): Extent | undefined {
  const { height, width, depth } = block;
  if ((height !== output.height || force >= 2) && height > granule.height)
    return { ...block, height: height - granule.height };
  if ((depth > width || force >= 1) && depth > granule.depth) return { ...block, depth: depth - granule.depth };
  if ((width !== output.width || force >= 3) && width > granule.width)
    return { ...block, width: width - granule.width };
  return undefined;
}
