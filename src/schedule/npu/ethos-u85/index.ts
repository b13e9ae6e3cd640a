/** Ethos-U85 as the scheduler asks for it. */
import type { U85Geometry } from '../../target.ts';
import type { Access, Architecture, Block, BlockQuery, Query } from '../architecture.ts';
import type { NpuOperation, NpuUnit } from '../operation.ts';
import { bitsOf, unitsOf } from '../operation.ts';
import type { U85Block } from './block.ts';
import { chooseBlock } from './block.ts';
import { cyclesOf } from './cycles.ts';
import { transferBytes } from './ports.ts';
import { stepsOf } from './steps.ts';
import { elementsOfWork } from './traffic.ts';
import type { U85WeightOrder } from './weight-walk.ts';
import { u85Encoder } from './weights.ts';
import type { FeatureMap, Work, WorkKind } from './work.ts';

export function ethosU85(geometry: U85Geometry): Architecture {
  return {
    depthGranule: 16,
    cores: 1,
    chooseBlock: (query) => blockFor(query, geometry),
    cycles: (query) =>
      cyclesOf(workOf(query), u85Block(query.block), {
        geometry,
        scaleLatencyCycles: query.weightsPort?.readLatencyCycles ?? 0,
        first: query.first,
        last: query.last,
      }),
    elements: (query) => elementsOfWork(workOf(query), u85Block(query.block)),
    burstBytes(query, operand, elements) {
      const access = operand === 2 ? query.output : (query.inputs[operand] ?? query.inputs[0]);
      const block = operand === 2 ? query.block.output : query.block.input;
      return transferBytes(mapOf(access), elements, block, operand === 2 ? 'write' : 'read');
    },
    weightOrder: (operation, block) => weightOrderOf(operation, u85Block(block), geometry),
    encoder: (options) => u85Encoder({ ...options, geometry }),
  };
}

function weightOrderOf({ filter, inputs }: NpuOperation, block: U85Block, { macs, weightDecoders }: U85Geometry): U85WeightOrder {
  const { strideY, strideX, dilationY, dilationX } = filter;
  return {
    ...{ strideY, strideX, dilationY, dilationX, macs },
    traversal: block.traversal,
    activationBits: bitsOf(inputs[0]),
    blockDepth: block.output.depth,
    outputMicroDepth: block.microBlock.depth,
    inputMicroDepth: block.input.depth,
    cores: weightDecoders,
  };
}

const kinds: Readonly<Record<NpuUnit, WorkKind>> = {
  convolution: 'convolution',
  product: 'matmul',
  depthwise: 'depthwise',
  pooling: 'pool',
  // Its output unit changes places of rows, columns and channels while a pool of one element passes them on.
  transpose: 'pool',
  'channel-sum': 'reduce-sum',
  elementwise: 'elementwise',
};

function kindOf({ operator }: NpuOperation): WorkKind {
  return kinds[unitsOf[operator]];
}

function blockFor({ operation, inputs, output }: BlockQuery, geometry: U85Geometry): Block | undefined {
  const sized = inputs.map((extent, index) => ({ ...extent, bits: bitsOf(operation.inputs[index] ?? operation.inputs[0]) }));
  return chooseBlock(
    {
      kind: kindOf(operation),
      filter: operation.filter,
      inputs: sized,
      output: { ...output, bits: bitsOf(operation.output) },
    },
    geometry,
  );
}

/** Blocks that this machine is asked about are those that it gave. */
function u85Block(block: Block): U85Block {
  return block as U85Block;
}

function workOf({ operation, inputs, output }: Query): Work {
  return {
    kind: kindOf(operation),
    filter: operation.filter,
    inputs: inputs.map(mapOf),
    output: mapOf(output),
    steps: stepsOf(operation),
  };
}

function mapOf({ shape, bits, bricks, port }: Access): FeatureMap {
  return { ...shape, bits, bricks, port };
}
