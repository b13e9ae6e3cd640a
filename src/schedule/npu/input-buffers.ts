/**
 * A convolution that reads the model's input again and again from a slow memory has it copied into the fast one first,
 * where that pays (Vela 5.2, restated).
 */
import type { Context, Near } from './context.ts';
import { queryOf } from './context.ts';
import { firstPlan } from './measure.ts';
import type { NpuOperation, NpuTensor } from './operation.ts';
import { partOf, unitFilter, unitsOf } from './operation.ts';
import { isComputeBound } from './plan.ts';
import { withOperations } from './program.ts';

const sliceDepth = 16;

export interface Buffered {
  readonly context: Context;
  /** The copies. */
  readonly near: ReadonlySet<NpuTensor>;
}

export function withInputBuffers(context: Context): Buffered {
  const near = new Set<NpuTensor>();
  if (!context.spills) return { context, near };
  const operations: NpuOperation[] = [];
  for (const operation of context.program.operations) {
    const copy = copyFor(operation, context);
    if (copy === undefined) {
      operations.push(operation);
      continue;
    }
    const { tensor, shape } = copy.output;
    near.add(tensor);
    operations.push(copy, { ...operation, inputs: [{ tensor, shape }] });
  }
  return near.size === 0 ? { context, near } : { context: { ...context, program: withOperations(operations) }, near };
}

function copyFor(operation: NpuOperation, context: Context): NpuOperation | undefined {
  const [input] = operation.inputs;
  const unit = unitsOf[operation.operator];
  const isConvolution = (unit === 'convolution' || unit === 'depthwise') && operation.operator !== 'FullyConnected';
  if (!isConvolution || operation.onProcessor || !comesFromOutside(input.tensor, context)) return undefined;
  const shape = partOf(input);
  const { chained: _chained, heldBits: _heldBits, ...own } = operation;
  const copy: NpuOperation = {
    ...own,
    name: `input_buffer_${input.tensor.name}`,
    operator: 'MemoryCopy',
    inputs: [input],
    output: {
      tensor: {
        ...{ name: `input_buffer_${input.tensor.name}`, bits: input.tensor.bits, linear: true },
        ...{ constant: false, graphInput: false, graphOutput: false },
      },
      shape,
    },
    filter: unitFilter,
    ...{ resampling: 'none', activation: 'none', tableBytes: 0, weights: null },
  };
  return pays(operation, copy, context) ? copy : undefined;
}

function comesFromOutside(tensor: NpuTensor, { program }: Context): boolean {
  const uses = program.uses.get(tensor)!;
  const isProcessor = (index: number) => program.operations[index]!.onProcessor;
  const fromProcessor = uses.producers.length > 0 && uses.producers.every(isProcessor);
  return uses.consumers.length === 1 && (tensor.graphInput || fromProcessor);
}

function pays(operation: NpuOperation, copy: NpuOperation, context: Context): boolean {
  const nothingNear: Near = new Set();
  const { performance, weights } = firstPlan(operation, context, { near: nothingNear });
  if (performance.inputReadBytes <= performance.inputBytes || isComputeBound(performance) || weights === null)
    return false;
  const { architecture } = context;
  const { near, constants, home } = context.ports;
  if (context.limitBytes < performance.inputBytes) return false;
  const least = Math.trunc(weights.weightBytes / Math.ceil(partOf(operation.output).depth / sliceDepth));
  const transfer =
    performance.weightReadCycles > performance.inputReadCycles
      ? architecture.transferCycles(near, constants, least)
      : 0;
  if (architecture.readCycles(near, performance.weightReadBytes, 'weights') > transfer + performance.inputReadCycles)
    return false;
  const shape = copy.output.shape;
  const block = context.architecture.chooseBlock({ operation: copy, inputs: [shape], output: shape });
  if (block === undefined) return false;
  const query = queryOf(copy, context, { block, near: nothingNear, inputPort: home });
  const copying = context.architecture.cycles({ ...query, output: { ...query.inputs[0], port: near } }).total;
  return copying + architecture.readCycles(near, performance.inputReadBytes, 'input') < performance.inputReadCycles;
}
