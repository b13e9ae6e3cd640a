/** What all steps of the scheduler share: the program, the machine and its memories. */
import type { Access, Architecture, Block, Port, Query } from './architecture.ts';
import type { Findings } from './findings.ts';
import type { Connection, Extent, NpuOperation, NpuTensor } from './operation.ts';
import { bitsOf, partOf, readsOf, primaryInput, unitsOf } from './operation.ts';
import type { NpuProgram } from './program.ts';
import { neededInput } from './ethos-u55/geometry.ts';
import type { EncodeOnce } from './weights/once.ts';

export interface Ports {
  /** Feature maps, unless they are near. */
  readonly home: Port;
  /** The fast memory: that of the feature maps, or a smaller one beside it. */
  readonly near: Port;
  /** Weights and other constants. */
  readonly constants: Port;
}

export interface Context extends EncodeOnce {
  readonly program: NpuProgram;
  readonly architecture: Architecture;
  readonly ports: Ports;
  /** Feature maps have a memory of their own behind the fast one. */
  readonly spills: boolean;
  /** What the compiler may use of the fast memory. */
  readonly limitBytes: number;
  readonly findings: Findings;
}

/** Tensors in the fast memory, where feature maps have another one. */
export type Near = ReadonlySet<NpuTensor>;

export function portOf(tensor: NpuTensor, { ports, spills }: Context, near: Near): Port {
  if (tensor.constant) return ports.constants;
  return !spills || near.has(tensor) ? ports.near : ports.home;
}

export interface QueryOptions {
  readonly block: Block;
  readonly near: Near;
  /** Absent: those of the whole operation. */
  readonly input?: Extent;
  readonly output?: Extent;
  readonly inputPort?: Port;
  readonly weightsPort?: Port;
  readonly first?: boolean;
  readonly last?: boolean;
}

export function queryOf(operation: NpuOperation, context: Context, options: QueryOptions): Query {
  const { near, input, output, inputPort } = options;
  const [first, second] = operation.inputs;
  const one = accessOf(first, { context, near, shape: input, port: inputPort });
  const held = context.spills ? context.ports.home : context.ports.near;
  const query: Query = {
    operation,
    operator: operation.operator,
    unit: unitsOf[operation.operator],
    block: options.block,
    inputs: second === undefined ? [one] : [one, accessOf(second, { context, near })],
    output: accessOf(operation.output, { context, near, shape: output }),
    weightsPort: operation.weights === null ? undefined : (options.weightsPort ?? context.ports.constants),
    scratchPort: operation.operator === 'MatMul' ? held : undefined,
    first: options.first ?? true,
    last: options.last ?? true,
  };
  if (operation.chained === undefined) return query;
  const sideInputs = readsOf(operation).slice(operation.inputs.length);
  return { ...query, heldPort: held, sideInputs: sideInputs.map((side) => accessOf(side, { context, near })) };
}

interface AccessOptions {
  readonly context: Context;
  readonly near: Near;
  /** Absent: all of it. */
  readonly shape?: Extent | undefined;
  readonly port?: Port | undefined;
}

function accessOf(connection: Connection, { context, near, shape, port }: AccessOptions): Access {
  return {
    shape: shape ?? partOf(connection),
    bits: bitsOf(connection),
    bricks: context.program.uses.get(connection.tensor)?.bricks ?? false,
    port: port ?? portOf(connection.tensor, context, near),
  };
}

/** Rows and columns of the input that a stripe of outputs needs, at most all. */
export function stripeInput(operation: NpuOperation, stripe: Extent, position: 0 | 1 = 0): Extent {
  const { filter, resampling } = operation;
  const connection = operation.inputs[position] ?? operation.inputs[0];
  const whole = partOf(connection);
  const rows = (filter.height - 1) * filter.dilationY + 1;
  const columns = (filter.width - 1) * filter.dilationX + 1;
  const strideY = filter.strideY * (connection.stepY ?? 1);
  const strideX = filter.strideX * (connection.stepX ?? 1);
  return {
    height: Math.min(whole.height, neededInput(stripe.height, strideY, rows, resampling)),
    width: Math.min(whole.width, neededInput(stripe.width, strideX, columns, resampling)),
    depth: whole.depth,
  };
}

export function primary(operation: NpuOperation): Connection {
  return operation.inputs[primaryInput(operation)] ?? operation.inputs[0];
}
