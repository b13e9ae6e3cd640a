/** Computes small graphs of a few operators by their definitions, to see that a pass changes nothing of what they are. */
import type { Graph, Initializer, Node } from '../../src/ir/graph.ts';
import { intAttribute, intsAttribute } from '../../src/operators/attribute.ts';

export interface Numbers {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly elements: readonly number[];
}

/** Inputs and constants of the file hold numbers that tell their places apart. */
export function outputsOf(graph: Graph): readonly Numbers[] {
  const known = new Map<string, Numbers>();
  for (const name of graph.inputs) known.set(name, numbered(graph.tensors.get(name)!.shape as readonly number[], 0.5));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => known.get(name) ?? constantOf(graph.initializers.get(name)!));
    known.set(node.outputs[0]!, compute(node, inputs));
  }
  return graph.outputs.map((name) => known.get(name) ?? constantOf(graph.initializers.get(name)!));
}

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

function numbered(shape: readonly number[], start: number): Numbers {
  return { shape, elements: Array.from({ length: count(shape) }, (_, index) => start + index) };
}

function constantOf({ name, shape, value, movedFrom, foldedFrom }: Initializer): Numbers {
  if (value !== undefined) return { shape, elements: value.elements.map(Number) };
  if (movedFrom === undefined) {
    if (foldedFrom !== undefined) throw new Error(`the elements of ${name} are not to be found`);
    return numbered(shape, 2);
  }
  const before = constantOf(movedFrom.constant);
  const moved = movedFrom.permutation === undefined ? before : transposed(before, movedFrom.permutation);
  return { shape, elements: moved.elements };
}

function compute(node: Node, inputs: readonly Numbers[]): Numbers {
  const [a, b] = [inputs[0]!, inputs[1]];
  switch (node.operator) {
    case 'Neg':
      return { shape: a.shape, elements: a.elements.map((one) => -one) };
    case 'Add':
      return broadcast(a, b!, (one, other) => one + other);
    case 'Sub':
      return broadcast(a, b!, (one, other) => one - other);
    case 'Mul':
      return broadcast(a, b!, (one, other) => (one * other) % 1009);
    case 'Transpose':
      return transposed(a, intsAttribute(node, 'perm', []));
    case 'ReduceSum':
      return filled(
        a.shape.map((size, axis) => (b!.elements.includes(axis) ? 1 : size)),
        (sum) => {
          for (const [at, one] of placesOf(a.shape).entries()) {
            sum(
              one.map((place, axis) => (b!.elements.includes(axis) ? 0 : place)),
              a.elements[at]!,
            );
          }
        },
      );
    case 'Gather': {
      const axis = intAttribute(node, 'axis', 0);
      const shape = [...a.shape.slice(0, axis), ...b!.shape, ...a.shape.slice(axis + 1)];
      const elements = placesOf(shape).map((place) => {
        const index = b!.elements[b!.shape.length === 0 ? 0 : place[axis]!]!;
        return a.elements[indexOf(a.shape, [...place.slice(0, axis), index, ...place.slice(axis + b!.shape.length)])]!;
      });
      return { shape, elements };
    }
    case 'Pad': {
      const rank = a.shape.length;
      const shape = a.shape.map((size, axis) => size + b!.elements[axis]! + b!.elements[axis + rank]!);
      return filled(shape, (sum) => {
        for (const [at, one] of placesOf(a.shape).entries()) {
          sum(
            one.map((place, axis) => place + b!.elements[axis]!),
            a.elements[at]!,
          );
        }
      });
    }
    case 'Concat': {
      const wanted = intAttribute(node, 'axis', 0);
      const axis = wanted < 0 ? wanted + a.shape.length : wanted;
      const shape = a.shape.map((size, at) =>
        at === axis ? inputs.reduce((all, one) => all + one.shape[at]!, 0) : size,
      );
      return filled(shape, (sum) => {
        let start = 0;
        for (const input of inputs) {
          for (const [at, one] of placesOf(input.shape).entries()) {
            sum(
              one.map((place, along) => (along === axis ? place + start : place)),
              input.elements[at]!,
            );
          }
          start += input.shape[axis]!;
        }
      });
    }
    default:
      throw new Error(`${node.operator} is not computed here`);
  }
}

/** All places of a tensor in row-major order. */
function placesOf(shape: readonly number[]): readonly (readonly number[])[] {
  return shape.reduce<readonly (readonly number[])[]>(
    (places, size) => places.flatMap((place) => Array.from({ length: size }, (_, index) => [...place, index])),
    [[]],
  );
}

const indexOf = (shape: readonly number[], place: readonly number[]): number =>
  shape.reduce((index, size, axis) => index * size + place[axis]!, 0);

function filled(
  shape: readonly number[],
  fill: (sum: (place: readonly number[], value: number) => void) => void,
): Numbers {
  const elements = new Array<number>(count(shape)).fill(0);
  fill((place, value) => {
    elements[indexOf(shape, place)]! += value;
  });
  return { shape, elements };
}

function transposed({ shape, elements }: Numbers, permutation: readonly number[]): Numbers {
  const result = permutation.map((axis) => shape[axis]!);
  return {
    shape: result,
    elements: placesOf(result).map((place) => {
      const before = new Array<number>(shape.length).fill(0);
      for (const [axis, from] of permutation.entries()) before[from] = place[axis]!;
      return elements[indexOf(shape, before)]!;
    }),
  };
}

function broadcast(one: Numbers, other: Numbers, of: (a: number, b: number) => number): Numbers {
  const rank = Math.max(one.shape.length, other.shape.length);
  const full = ({ shape }: Numbers): readonly number[] => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [first, second] = [full(one), full(other)];
  const shape = first.map((size, axis) => Math.max(size, second[axis]!));
  const at = (own: readonly number[], place: readonly number[]): number =>
    indexOf(
      own,
      place.map((index, axis) => (own[axis] === 1 ? 0 : index)),
    );
  return {
    shape,
    elements: placesOf(shape).map((place) => of(one.elements[at(first, place)]!, other.elements[at(second, place)]!)),
  };
}
