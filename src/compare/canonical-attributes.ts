/** Attributes as one text: equal texts mean the same computation, whatever the exporter wrote out or left out. */
import type { Attribute, Graph, Initializer, Node } from '../ir/graph.ts';
import { isDefault } from './attribute-defaults.ts';

/** Gives the content of an attribute's tensor; undefined where its bytes are not there. */
export type TensorContent = (tensor: Initializer) => string | undefined;

/** Operators that the same attributes mean something else to, from this opset on. */
const meaningChanged: Readonly<Record<string, number>> = { Softmax: 13, LogSoftmax: 13, Hardmax: 13, Resize: 11 };

/** Bodies nested deeper than this are not looked into; the reader lets far fewer levels pass in real files. */
const maximumDepth = 16;

/** Those that say more than their absence, by name. */
export function tellingAttributes(node: Node): ReadonlyMap<string, Attribute> {
  return new Map([...node.attributes].filter(([name, attribute]) => !isDefault(node, name, attribute)));
}

export function attributesText(
  node: Node,
  content: TensorContent,
  attributes: ReadonlyMap<string, Attribute> = tellingAttributes(node),
  depth = 0,
): string {
  const parts = [...attributes]
    .map(([name, attribute]) => `${JSON.stringify(name)}=${attributeText(attribute, content, depth)}`)
    .sort();
  const changedIn =
    node.domain === '' && Object.hasOwn(meaningChanged, node.operator) ? meaningChanged[node.operator]! : 0;
  if (node.version < changedIn) parts.push(`opset<${changedIn}`);
  return parts.join(';');
}

function attributeText(attribute: Attribute, content: TensorContent, depth: number): string {
  switch (attribute.kind) {
    case 'int':
    case 'float':
    case 'string':
      return JSON.stringify(attribute.value);
    case 'ints':
    case 'floats':
    case 'strings':
      return JSON.stringify(attribute.values);
    case 'tensor':
      return tensorText(attribute.value, content);
    case 'tensors':
      return attribute.values.map((tensor) => tensorText(tensor, content)).join(',');
    case 'graph':
      return bodyText(attribute.value, content, depth);
    case 'graphs':
      return attribute.values.map((graph) => bodyText(graph, content, depth)).join(',');
    case 'type':
      return attribute.value.dtype ?? '?';
    case 'reference':
      return `@${JSON.stringify(attribute.name)}`;
  }
}

function tensorText(tensor: Initializer, content: TensorContent): string {
  const known = tensor.value === undefined ? content(tensor) : JSON.stringify(tensor.value.elements);
  return `${tensor.dtype}[${tensor.shape.join()}]${known ?? '?'}`;
}

/** Bodies that could not be inlined: their nodes in order, tensors numbered by first appearance. */
function bodyText(graph: Graph, content: TensorContent, depth: number): string {
  if (depth >= maximumDepth) return '{…}';
  const numbers = new Map<string, number>([['', -1]]);
  const numberOf = (name: string): number => {
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name)!;
  };
  const inputs = graph.inputs.map(numberOf);
  const nodes = graph.nodes.map((node) => [
    [node.domain, node.operator, attributesText(node, content, tellingAttributes(node), depth + 1)],
    node.inputs.map(numberOf),
    node.outputs.map(numberOf),
  ]);
  const tensors = [...graph.initializers.values()].map((tensor) => [
    numberOf(tensor.name),
    tensorText(tensor, content),
  ]);
  tensors.sort(([a], [b]) => Number(a) - Number(b));
  return JSON.stringify([inputs, nodes, graph.outputs.map(numberOf), tensors]);
}
