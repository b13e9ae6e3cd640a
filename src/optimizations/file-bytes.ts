/** What single parts of the edited file take in it. */
import {
  encodedBareNodeBytes,
  encodedConstantBytes,
  encodedInitializerBytes,
  encodedNamesBytes,
  encodedNodeBytes,
} from '../formats/onnx/encoded-size.ts';
import type { NameLengths } from '../formats/onnx/encoded-size.ts';
import type { Initializer, Model, Node } from '../ir/graph.ts';

type Format = Pick<Model, 'format'>;

/** Other formats keep names and operands in tables; what ONNX takes is near enough for a file of weights. */
export function constantBytes({ format }: Format, constant: Pick<Initializer, 'name' | 'shape' | 'fileBytes'>): number {
  return format === 'onnx' ? encodedInitializerBytes(constant) : constant.fileBytes;
}

export function nodeBytes({ format }: Format, node: Node): number {
  return format === 'onnx' ? encodedNodeBytes(node) : 0;
}

/** Without what the exporter wrote beside it. */
export function bareNodeBytes({ format }: Format, node: Node): number {
  return format === 'onnx' ? encodedBareNodeBytes(node) : 0;
}

/** Of a constant whose name has so many bytes. */
export function namedConstantBytes(
  { format }: Format,
  name: number,
  { shape, fileBytes }: Pick<Initializer, 'shape' | 'fileBytes'>,
): number {
  return format === 'onnx' ? encodedConstantBytes(name, shape, fileBytes) : fileBytes;
}

/** Of a node whose names have so many bytes. */
export function namedNodeBytes(
  { format }: Format,
  names: NameLengths,
  { operator, attributes }: Pick<Node, 'operator' | 'attributes'>,
): number {
  return format === 'onnx' ? encodedNamesBytes(names, operator, attributes) : 0;
}
