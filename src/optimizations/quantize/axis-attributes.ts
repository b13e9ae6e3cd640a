/** Attributes of a QuantizeLinear or DequantizeLinear. */
import type { Attributes } from '../../ir/graph.ts';

export const noAttributes: Attributes = new Map();

function along(axis: number): Attributes {
  return new Map([['axis', { kind: 'int', value: axis }]]);
}

/** Of weights of every operator that has some. */
const known = [0, 1, 2, 3].map(along);

/** Undefined: one scale for all. What thousands of nodes have is one record. */
export function axisAttributes(axis: number | undefined): Attributes {
  return axis === undefined ? noAttributes : (known[axis] ?? along(axis));
}
