/** Which tensors share a buffer: a view lies where the tensor lies that it is a view of. */
import type { TensorType } from '../ir/graph.ts';
import type { Precision } from './legalize.ts';
import { storedBytes } from './legalize.ts';
import type { Operation, Program } from './program.ts';
import { elementsOf, shapeOf } from './program.ts';

export interface Buffers {
  /** The name of the tensor's buffer: that of the first tensor in it. */
  readonly bufferOf: (tensor: string) => string;
  /** Bytes of each buffer: those of its largest tensor. */
  readonly bytes: ReadonlyMap<string, number>;
}

export function bufferNames(program: Program, precision: Precision, brickChannels = 1): Buffers {
  const buffers = new Map<string, string>();
  const bufferOf = (tensor: string) => buffers.get(tensor) ?? tensor;
  for (const operation of program.operations) {
    const viewed = operation.free ? viewedTensor(operation) : undefined;
    if (viewed === undefined) continue;
    for (const output of operation.node.outputs) if (output !== '') buffers.set(output, bufferOf(viewed));
  }
  const bytes = new Map<string, number>();
  const tensors = program.operations.flatMap(({ node }) => node.outputs);
  const inputs = new Set(program.graph.inputs);
  const channelAxis = program.graph.channelsLast === true ? 3 : 1;
  for (const tensor of [...inputs, ...tensors]) {
    const type = program.tensors.get(tensor);
    const bricks = inputs.has(tensor) || program.outputs.has(tensor) ? 1 : brickChannels;
    const stored = storedBytes(
      type?.dtype ?? null,
      elementsInBricks(type, bricks, channelAxis),
      'activation',
      precision,
    );
    const buffer = bufferOf(tensor);
    bytes.set(buffer, Math.max(bytes.get(buffer) ?? 0, stored));
  }
  for (const [state, type] of program.graph.states ?? []) {
    bytes.set(state, storedBytes(type.dtype, elementsOf(type), 'activation', precision));
  }
  return { bufferOf, bytes };
}

/** Elements of a feature map (a tensor of four axes) with its channels filled up to whole bricks. */
function elementsInBricks(type: TensorType | undefined, brickChannels: number, channelAxis: number): number {
  const elements = elementsOf(type);
  const shape = shapeOf(type);
  const channels = shape[channelAxis] ?? 0;
  if (shape.length !== 4 || channels === 0) return elements;
  return (elements / channels) * Math.ceil(channels / brickChannels) * brickChannels;
}

/** The first operand that is no constant. */
function viewedTensor({ node, typed }: Operation): string | undefined {
  return node.inputs.find((name, position) => name !== '' && typed.constant[position] !== true);
}
