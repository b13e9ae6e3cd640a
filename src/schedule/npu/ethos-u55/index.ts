/** Ethos-U55 and U65 as the scheduler asks for them. */
import type { Architecture, Block, BlockQuery, Query } from '../architecture.ts';
import { readCycles, transferCycles } from '../architecture.ts';
import { bitsOf } from '../operation.ts';
import { searchBlock, searchBlockOn } from './block.ts';
import { arrayCycles, elementwiseCycles, productCycles } from './cycles.ts';
import type { Machine } from './geometry.ts';
import { maximumBlock } from './geometry.ts';
import { burstBytesOf, elementsOfQuery } from './traffic.ts';

const depthGranule = 16;

export function ethosU55(machine: Machine): Architecture {
  const known = new Map<string, Block | undefined>();
  return {
    depthGranule: () => depthGranule,
    cores: machine.cores,
    chooseBlock(query) {
      const key = keyOf(query);
      if (!known.has(key)) known.set(key, chooseBlock(query, machine));
      return known.get(key);
    },
    cycles: (query) => cyclesOf(query, machine),
    elements: elementsOfQuery,
    readCycles,
    transferCycles,
    burstBytes: (query, operand, elements) => burstBytesOf(query, operand, elements, machine.cores),
    weightOrder: (operation, block) => ({
      traversal: block.traversal,
      activationBits: bitsOf(operation.inputs[0]),
      blockDepth: block.output.depth,
      outputMicroDepth: machine.geometry.microBlock.depth,
      inputMicroDepth: machine.geometry.microBlock.inputDepth,
      cores: machine.cores,
      dilationY: operation.filter.dilationY,
      dilationX: operation.filter.dilationX,
    }),
  };
}

/** Networks repeat their layers: what the search looks at, in one text. */
function keyOf({ operation, inputs, output }: BlockQuery): string {
  const extents = [...inputs, output].map(({ height, width, depth }) => `${height}x${width}x${depth}`);
  const { operator, filter, resampling, tableBytes, scaled } = operation;
  const { height, width, strideY, strideX, dilationY, dilationX } = filter;
  const taps = `${height} ${width} ${strideY} ${strideX} ${dilationY} ${dilationX}`;
  const bits = operation.inputs.map(bitsOf).join(' ');
  return `${operator} ${bits} ${extents.join(' ')} ${taps} ${resampling} ${tableBytes} ${String(scaled)}`;
}

function chooseBlock(query: BlockQuery, machine: Machine): Block | undefined {
  return query.operation.operator === 'MatMul' ? productBlock(query, machine) : searchBlock(query, machine);
}

/** The sum's block, and behind it that of the product before; both smaller, so that several are in flight. */
function productBlock({ operation, inputs, output }: BlockQuery, machine: Machine): Block | undefined {
  const [first, second] = inputs;
  if (second === undefined) return undefined;
  const batches = output.height;
  const fitted = spread(first);
  const row = { height: batches, width: 1, depth: second.depth };
  const before = searchBlockOn(
    { operation, inputs: [fitted, row], output: fitted },
    'elementwise',
    bitsOf(operation.inputs[0]),
    machine,
  );
  const column = spread({ height: batches, width: first.width, depth: 1 });
  const sum = searchBlockOn({ operation, inputs: [fitted, row], output: column }, 'channel-sum', 32, machine);
  return sum && before && { ...sum, before };
}

const smallestPiece = 4;

function spread(shape: { readonly height: number; readonly width: number; readonly depth: number }) {
  const axis = shape.height > maximumBlock.height ? 'height' : 'width';
  if (shape[axis] > maximumBlock[axis]) return shape;
  for (const pieces of [3, 2]) {
    if (shape[axis] >= smallestPiece * pieces) return { ...shape, [axis]: Math.ceil(shape[axis] / pieces) };
  }
  return shape;
}

function cyclesOf(query: Query, machine: Machine) {
  switch (query.unit) {
    case 'elementwise':
    case 'resize':
    case 'extreme':
      return elementwiseCycles(query, machine);
    case 'product':
      return productCycles(query, machine);
    case 'transpose':
      return transposeCycles(query);
    case 'convolution':
    case 'depthwise':
    case 'pooling':
    case 'channel-sum':
      return arrayCycles(query, machine);
  }
}

/** As long as its bytes take, one way or the other. */
function transposeCycles(query: Query) {
  const { inputs, output } = query;
  const elements = elementsOfQuery(query);
  const reading = burstBytesOf(query, 0, elements.inputs[0], 1) / inputs[0].port.bytesPerCycle;
  const writing = burstBytesOf(query, 2, elements.output, 1) / output.port.bytesPerCycle;
  const from = Math.trunc(reading) + inputs[0].port.readLatencyCycles;
  const to = Math.trunc(writing) + output.port.writeLatencyCycles;
  return { total: Math.max(from, to), array: 0, macs: 0 };
}
