/**
 * What an Ethos-U55 or U65 moves for an operation computed in blocks: input areas overlap and are read for every block,
 * weights for every block position; runs shorter than a burst fill a part of it (Vela 5.2, Apache-2.0; restated).
 */
import type { Elements, Query } from '../architecture.ts';
import type { Extent } from '../operation.ts';
import { elementsOf, roundUp } from '../operation.ts';
import { clip, maximumFilter } from './geometry.ts';

const brickDepth = 16;
const longestLinearRun = 64 * 8;

function stored({ shape, bricks }: { readonly shape: Extent; readonly bricks: boolean }): Extent {
  return bricks ? { ...shape, depth: roundUp(shape.depth, brickDepth) } : shape;
}

export function elementsOfQuery(query: Query): Elements {
  const { unit, inputs, output } = query;
  const written = elementsOf(stored(output));
  switch (unit) {
    case 'elementwise':
      return { inputs: elementwiseReads(query), output: written, scratch: 0, weightReads: 0 };
    case 'transpose':
      return { inputs: [elementsOf(inputs[0].shape), 0], output: written, scratch: 0, weightReads: 0 };
    case 'product': {
      const columns = inputs[1]?.shape.width ?? 1;
      const read = elementsOf(inputs[0].shape) * columns;
      const second = inputs[1] === undefined ? 0 : elementsOf(inputs[1].shape);
      return { inputs: [read, second], output: written, scratch: read, weightReads: 0 };
    }
    case 'convolution':
    case 'depthwise':
    case 'pooling':
    case 'channel-sum':
      return { ...blockReads(query), output: written, scratch: 0 };
  }
}

function blockReads({ unit, operation, block, inputs, output }: Query): Pick<Elements, 'inputs' | 'weightReads'> {
  const { filter } = operation;
  const clipped = clip(block.output, output.shape);
  const rows = Math.ceil(output.shape.height / clipped.height);
  const columns = Math.ceil(output.shape.width / clipped.width);
  const depths = unit === 'depthwise' || unit === 'pooling' ? 1 : Math.ceil(output.shape.depth / clipped.depth);
  const pieces = Math.ceil(filter.width / maximumFilter) * Math.ceil(filter.height / maximumFilter);
  const input = clip(block.input, inputs[0].shape);
  const perBlock = input.height * input.width * stored(inputs[0]).depth;
  return { inputs: [perBlock * pieces * rows * columns * depths, 0], weightReads: rows * columns };
}

/** A scalar of 8 bits goes into the command, a wider one is read; operands that broadcast count in full. */
function elementwiseReads({ inputs, output }: Query): readonly [number, number] {
  const [first, second] = inputs;
  const whole = (bricks: boolean) => elementsOf(stored({ shape: output.shape, bricks }));
  const { bricks } = first;
  if (elementsOf(first.shape) === 1) {
    if (first.bits > 8) return [elementsOf(stored(first)), 0];
    return [0, second === undefined ? 0 : whole(bricks)];
  }
  const read = whole(bricks);
  if (second === undefined) return [read, 0];
  if (elementsOf(second.shape) > 1) return [read, read];
  return [read, second.bits > 8 ? elementsOf(stored({ shape: second.shape, bricks })) : 0];
}

/** Bytes of the bursts that hold `elements` of an operand; `operand` 2 is the output. */
export function burstBytesOf(query: Query, operand: 0 | 1 | 2, elements: number, cores: number): number {
  const access = operand === 2 ? query.output : (query.inputs[operand] ?? query.inputs[0]);
  const block = operand === 2 ? query.block.output : query.block.input;
  const run = Math.trunc(runBits(access, block, operand !== 2, cores) / 8);
  const bytes = Math.trunc((elements * access.bits) / 8);
  const used = Math.min(access.port.burstBytes, run);
  return Math.trunc((bytes * access.port.burstBytes) / used);
}

/** Length of a contiguous run within a block, in bits. */
function runBits(
  { shape, bits, bricks }: { readonly shape: Extent; readonly bits: number; readonly bricks: boolean },
  block: Extent,
  isRead: boolean,
  cores: number,
): number {
  const wholeRow = bits * block.width * block.depth;
  if (bricks) {
    if (Math.trunc((shape.width * bits * brickDepth) / 8) === block.depth) return wholeRow;
    return brickDepth * bits * block.width * (isRead ? 1 : cores);
  }
  const pixel = Math.trunc((shape.depth * bits) / 8);
  if (isRead) return pixel === block.depth ? wholeRow : bits * block.depth;
  if (block.depth <= brickDepth && pixel === block.depth) return wholeRow;
  return Math.min(longestLinearRun, brickDepth * bits * cores, block.depth * bits);
}
