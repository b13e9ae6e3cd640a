/** The tensors of a compilation by their names, and where operations find them: as they are, in a larger one, in a copy. */
import { bitsPerElement } from '../../../ir/data-type.ts';
import type { Buffers } from '../../buffers.ts';
import type { Precision } from '../../legalize.ts';
import { storedBytes } from '../../legalize.ts';
import type { Program } from '../../program.ts';
import { shapeOf } from '../../program.ts';
import type { Connection, Extent, NpuTensor } from '../operation.ts';

export interface Tensors {
  readonly program: Program;
  readonly precision: Precision;
  readonly buffers: Buffers;
  /** Buffers of the model's inputs and results. */
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  /** Those that were asked for, by buffer. */
  readonly known: Map<string, NpuTensor>;
  readonly connections: Map<string, Connection>;
  /** Results that their makers write into a larger feature map. */
  readonly joins: Map<string, Connection>;
  /** Parts that their readers take from a larger one. */
  readonly cuts: Map<string, Connection>;
  /** Tensors that readers take a copy of. */
  readonly copies: Map<NpuTensor, NpuTensor>;
}

export function noTensors(program: Program, precision: Precision, buffers: Buffers): Tensors {
  return {
    program,
    precision,
    buffers,
    inputs: new Set(program.graph.inputs.map(buffers.bufferOf)),
    outputs: new Set(program.graph.outputs.map(buffers.bufferOf)),
    known: new Map(),
    connections: new Map(),
    joins: new Map(),
    cuts: new Map(),
    copies: new Map(),
  };
}

/** Where the tensor of this name lies, copies aside. */
export function placeOf(name: string, tensors: Tensors): Connection {
  return partOfLarger(name, tensors) ?? plain(name, tensors);
}

/** The part of a larger feature map that a tensor of this name is. */
export function partOfLarger(name: string, { joins, cuts }: Tensors): Connection | undefined {
  if (joins.size + cuts.size === 0) return undefined;
  return joins.get(name) ?? cuts.get(name);
}

/** The same in a copy, where there is one. */
export function copyOf(connection: Connection, { copies }: Tensors): Connection {
  const tensor = copies.size === 0 ? undefined : copies.get(connection.tensor);
  return tensor === undefined ? connection : { ...connection, tensor };
}

/** As it is. */
export function plain(name: string, tensors: Tensors): Connection {
  let connection = tensors.connections.get(name);
  if (connection === undefined) {
    const { program } = tensors;
    const shape = extentOf(axesOf(name, program), program.graph.channelsLast === true);
    connection = { tensor: tensorOf(name, tensors), shape };
    tensors.connections.set(name, connection);
  }
  return connection;
}

/** The tensor that a buffer lies in: views share one. */
export function tensorOf(name: string, tensors: Tensors): NpuTensor {
  const buffer = tensors.buffers.bufferOf(name);
  let tensor = tensors.known.get(buffer);
  if (tensor === undefined) {
    const bits = elementBits(buffer, tensors);
    const constant = tensors.program.graph.initializers.has(buffer);
    const [graphInput, graphOutput] = [tensors.inputs.has(buffer), tensors.outputs.has(buffer)];
    tensor = { name: buffer, bits, constant, graphInput, graphOutput };
    tensors.known.set(buffer, tensor);
  }
  return tensor;
}

/** One that the file does not have. */
export function temporaryTensor(name: string, bits: number): NpuTensor {
  return { name, bits, constant: false, graphInput: false, graphOutput: false };
}

export function constantTensor(name: string, bits: number): NpuTensor {
  return { name, bits, constant: true, graphInput: false, graphOutput: false };
}

/** Bits of an element as the target stores it. */
function elementBits(name: string, { program, precision }: Tensors): number {
  const dtype = program.tensors.get(name)?.dtype ?? null;
  if (dtype === null) return 8;
  return Math.max(8, storedBytes(dtype, 1, 'activation', precision) * 8, bitsPerElement(dtype) > 32 ? 64 : 0);
}

/** Rows, columns and channels of a tensor's axes; further axes count as rows. */
export function extentOf(axes: readonly number[], channelsLast: boolean): Extent {
  const last = channelsFirst(axes, channelsLast);
  const rank = last.length;
  let rows = 1;
  for (let axis = 0; axis < rank - 2; axis++) rows *= last[axis]!;
  return { height: rows, width: last[rank - 2] ?? 1, depth: last[rank - 1] ?? 1 };
}

/** Axes with the channels at the end. */
function channelsFirst(axes: readonly number[], channelsLast: boolean): readonly number[] {
  if (channelsLast || axes.length !== 4) return axes;
  const [batch, channels, height, width] = axes;
  return [batch!, height!, width!, channels!];
}

export function axesOf(name: string, { tensors }: Program): readonly number[] {
  return shapeOf(tensors.get(name));
}
