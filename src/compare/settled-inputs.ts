/** Constants that newer opsets hand in as an input and older ones had as an attribute: told as the attribute they were. */
import type { Attribute, Graph, Node } from '../ir/graph.ts';

/** By operator: the attribute that the input at that place was. */
const movedAttributes: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  ...Object.fromEntries(
    ['Max', 'Mean', 'Min', 'Prod', 'Sum', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'].map((kind) => [
      `Reduce${kind}`,
      { 1: 'axes' },
    ]),
  ),
  ...{ Squeeze: { 1: 'axes' }, Unsqueeze: { 1: 'axes' }, Split: { 1: 'split' }, Pad: { 1: 'pads' } },
  ...{ TopK: { 1: 'k' }, Clip: { 1: 'min', 2: 'max' }, Slice: { 1: 'starts', 2: 'ends', 3: 'axes' } },
};

/** Attributes that hold one number. */
const single: ReadonlySet<string> = new Set(['k', 'min', 'max']);

/** Lists longer than this are left as they are: they are no axes. */
const longestList = 64;

export interface SettledInputs {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly positions: ReadonlySet<number>;
}

export function settledInputs(node: Node, graph: Graph): SettledInputs {
  const attributes = new Map<string, Attribute>();
  const positions = new Set<number>();
  const moved =
    node.domain === '' && Object.hasOwn(movedAttributes, node.operator) ? movedAttributes[node.operator]! : {};
  for (const [place, attribute] of Object.entries(moved)) {
    const name = node.inputs[Number(place)] ?? '';
    const numbers = name === '' ? undefined : numbersOf(graph, name);
    if (numbers === undefined || node.attributes.has(attribute)) continue;
    positions.add(Number(place));
    // As the older opset had it: a number by itself.
    const kind = attribute === 'k' ? 'int' : 'float';
    if (single.has(attribute)) attributes.set(attribute, { kind, value: numbers[0]! });
    else attributes.set(attribute, { kind: 'ints', values: numbers });
  }
  return { attributes, positions };
}

function numbersOf({ initializers, values }: Graph, name: string): readonly number[] | undefined {
  const elements = (initializers.get(name)?.value ?? values.get(name))?.elements;
  if (elements === undefined || elements.length === 0 || elements.length > longestList) return undefined;
  return elements.every((element) => typeof element === 'number') ? elements : undefined;
}
