/** Bytes that nodes and constants take in an ONNX file, as protobuf writes them (onnx.proto). */
import type { Attribute, Initializer, Node } from '../../ir/graph.ts';

/** With its tag in the graph's list. Bodies of subgraphs are not counted. */
export function encodedNodeBytes({ inputs, outputs, name, operator, domain, attributes }: Node): number {
  const names = [...inputs, ...outputs];
  const texts = [name, operator, domain].filter((text) => text !== '');
  const body =
    sum([...names, ...texts].map((text) => fieldBytes(textBytes(text)))) +
    sum([...attributes].map(([key, attribute]) => fieldBytes(attributeBytes(key, attribute))));
  return fieldBytes(body);
}

/** With its tag in the graph's list, its elements stored as raw bytes. */
export function encodedInitializerBytes({ name, shape, fileBytes }: Initializer): number {
  const dims = sum(shape.map((size) => 1 + varintBytes(size)));
  const dataType = 2;
  return fieldBytes(dims + dataType + fieldBytes(textBytes(name)) + fieldBytes(fileBytes));
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
      return encodedInitializerBytes(attribute.value);
    case 'tensors':
      return sum(attribute.values.map(encodedInitializerBytes));
    case 'graph':
    case 'graphs':
    case 'type':
    case 'reference':
      return 0;
  }
}

/** A length-delimited field: tag, length, bytes. */
function fieldBytes(byteLength: number): number {
  return 1 + varintBytes(byteLength) + byteLength;
}

/** Seven bits a byte; negative numbers take ten. */
function varintBytes(value: number): number {
  if (value < 0) return 10;
  let bytes = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

function textBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
