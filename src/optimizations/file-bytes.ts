/** What single parts of the edited file take in it. */
import { encodedInitializerBytes, encodedNodeBytes } from '../formats/onnx/encoded-size.ts';
import type { Initializer, Model, Node } from '../ir/graph.ts';

type Format = Pick<Model, 'format'>;

/** Other formats keep names and operands in tables; what ONNX takes is near enough for a file of weights. */
export function constantBytes({ format }: Format, constant: Pick<Initializer, 'name' | 'shape' | 'fileBytes'>): number {
  return format === 'onnx' ? encodedInitializerBytes(constant) : constant.fileBytes;
}

export function nodeBytes({ format }: Format, node: Node): number {
  return format === 'onnx' ? encodedNodeBytes(node) : 0;
}
