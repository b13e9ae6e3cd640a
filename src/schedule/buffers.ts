/** Which tensors share a buffer: a view lies where the tensor lies that it is a view of. */
import type { Precision } from './legalize.ts';
import { storedBytes } from './legalize.ts';
import type { Operation, Program } from './program.ts';
import { elementsOf } from './program.ts';

export interface Buffers {
  /** The name of the tensor's buffer: that of the first tensor in it. */
  readonly bufferOf: (tensor: string) => string;
  /** Bytes of each buffer: those of its largest tensor. */
  readonly bytes: ReadonlyMap<string, number>;
}

export function bufferNames(program: Program, precision: Precision): Buffers {
  const buffers = new Map<string, string>();
  const bufferOf = (tensor: string) => buffers.get(tensor) ?? tensor;
  for (const operation of program.operations) {
    const viewed = operation.free ? viewedTensor(operation) : undefined;
    if (viewed === undefined) continue;
    for (const output of operation.node.outputs) if (output !== '') buffers.set(output, bufferOf(viewed));
  }
  const bytes = new Map<string, number>();
  const tensors = program.operations.flatMap(({ node }) => node.outputs);
  for (const tensor of [...program.graph.inputs, ...tensors]) {
    const type = program.tensors.get(tensor);
    const stored = storedBytes(type?.dtype ?? null, elementsOf(type), 'activation', precision);
    const buffer = bufferOf(tensor);
    bytes.set(buffer, Math.max(bytes.get(buffer) ?? 0, stored));
  }
  return { bufferOf, bytes };
}

/** The first operand that is no constant. */
function viewedTensor({ node, typed }: Operation): string | undefined {
  return node.inputs.find((name, position) => name !== '' && typed.constant[position] !== true);
}
