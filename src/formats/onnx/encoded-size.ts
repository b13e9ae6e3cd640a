/** Bytes that nodes and constants take in an ONNX file, as protobuf writes them (onnx.proto). */
import type { Attribute, Initializer, Node, TensorType } from '../../ir/graph.ts';

/** With its tag in the graph's list. Bodies of subgraphs are not counted. */
export function encodedNodeBytes(node: Node): number {
  return fieldBytes(nodeBodyBytes(node) + encodedMetadataBytes(node.metadata));
}

/** The same without what exporters leave beside it. */
export function encodedBareNodeBytes(node: Node): number {
  return fieldBytes(nodeBodyBytes(node));
}

function nodeBodyBytes({ inputs, outputs, name, operator, domain, attributes }: Node): number {
  let body = optionalTextBytes(name) + optionalTextBytes(operator) + optionalTextBytes(domain);
  for (const text of inputs) body += fieldBytes(textBytes(text));
  for (const text of outputs) body += fieldBytes(textBytes(text));
  if (attributes.size > 0) body += attributesBytes(attributes);
  return body;
}

/** Entries of `metadata_props`, of a node or of the model. */
export function encodedMetadataBytes(metadata: ReadonlyMap<string, string>): number {
  let bytes = 0;
  for (const [key, text] of metadata) bytes += fieldBytes(optionalTextBytes(key) + optionalTextBytes(text));
  return bytes;
}

/** The names of a node, in bytes; none of them is empty. */
export interface NameLengths {
  readonly name: number;
  readonly inputs: readonly number[];
  readonly output: number;
}

/** A node of ONNX's own operators whose names need not be there. */
export function encodedNamesBytes(
  { name, inputs, output }: NameLengths,
  operator: string,
  attributes: Node['attributes'],
): number {
  let body = fieldBytes(name) + fieldBytes(operator.length) + fieldBytes(output);
  for (const length of inputs) body += fieldBytes(length);
  return fieldBytes(attributes.size > 0 ? body + attributesBytes(attributes) : body);
}

/** With its tag in the graph's list, its elements stored in the file itself. */
export function encodedInitializerBytes({
  name,
  shape,
  fileBytes,
}: Pick<Initializer, 'name' | 'shape' | 'fileBytes'>): number {
  return encodedConstantBytes(textBytes(name), shape, fileBytes);
}

/** The same of one whose name has so many bytes. */
export function encodedConstantBytes(name: number, shape: readonly number[], fileBytes: number): number {
  let dims = 0;
  for (const size of shape) dims += 1 + varintBytes(size);
  const dataType = 2;
  return fieldBytes(dims + dataType + (name === 0 ? 0 : fieldBytes(name)) + fieldBytes(fileBytes));
}

/** A `value_info` entry with its tag in the graph's list; a dimension that is no number takes its name in the file. */
export function encodedTypeBytes(name: string, { shape }: TensorType): number {
  const elementType = 2;
  const dims = (shape ?? []).map((size) => fieldBytes(typeof size === 'number' ? 1 + varintBytes(size) : 0));
  const tensor = elementType + (shape === null ? 0 : fieldBytes(sum(dims)));
  return fieldBytes(fieldBytes(textBytes(name)) + fieldBytes(fieldBytes(tensor)));
}

/** An entry of the model's list of operator sets, of a version below 128. */
export function encodedOpsetBytes(domain: string): number {
  const version = 2;
  return fieldBytes(optionalTextBytes(domain) + version);
}

const knownBytes = new WeakMap<Node['attributes'], number>();

/** A node keeps its attributes' record when an edit renames what it reads. */
function attributesBytes(attributes: Node['attributes']): number {
  const known = knownBytes.get(attributes);
  if (known !== undefined) return known;
  let bytes = 0;
  for (const [key, attribute] of attributes) bytes += fieldBytes(attributeBytes(key, attribute));
  knownBytes.set(attributes, bytes);
  return bytes;
}

/** Name, kind and value (AttributeProto). */
function attributeBytes(name: string, attribute: Attribute): number {
  const kind = 3;
  return fieldBytes(textBytes(name)) + kind + valueBytes(attribute);
}

function valueBytes(attribute: Attribute): number {
  switch (attribute.kind) {
    case 'int':
      return 1 + varintBytes(attribute.value);
    case 'float':
      return 5;
    case 'string':
      return fieldBytes(textBytes(attribute.value));
    case 'ints':
      return sum(attribute.values.map((value) => 1 + varintBytes(value)));
    case 'floats':
      return 5 * attribute.values.length;
    case 'strings':
      return sum(attribute.values.map((text) => fieldBytes(textBytes(text))));
    case 'tensor':
      return encodedInitializerBytes(nameless(attribute.value));
    case 'tensors':
      return sum(attribute.values.map((tensor) => encodedInitializerBytes(nameless(tensor))));
    case 'graph':
    case 'graphs':
    case 'type':
    case 'reference':
      return 0;
  }
}

/** Tensors in attributes mostly have no name in the file; the reader gave them one. */
function nameless(tensor: Initializer): Initializer {
  return { ...tensor, name: '' };
}

/** A length-delimited field: tag, length, bytes. */
function fieldBytes(byteLength: number): number {
  return 1 + varintBytes(byteLength) + byteLength;
}

/** Seven bits a byte; negative numbers take ten. */
function varintBytes(value: number): number {
  if (value < 0) return 10;
  if (value < 128) return 1;
  let bytes = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** A field that is left out where it is empty. */
function optionalTextBytes(text: string): number {
  return text === '' ? 0 : fieldBytes(textBytes(text));
}

const encoder = new TextEncoder();

const beyondAscii = /[^\0-\x7f]/;

/** Names are ASCII nearly always. */
export function textBytes(text: string): number {
  return beyondAscii.test(text) ? encoder.encode(text).length : text.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
