/** Orders of axes: axis `i` of a transposed tensor is axis `permutation[i]` of the tensor before. */

/** Each of so many axes once. */
export function isPermutation(axes: readonly number[], rank: number): boolean {
  return axes.length === rank && new Set(axes).size === rank && axes.every((axis) => axis >= 0 && axis < rank);
}

export function inverseOf(permutation: readonly number[]): readonly number[] {
  const inverse = new Array<number>(permutation.length).fill(0);
  for (const [axis, before] of permutation.entries()) inverse[before] = axis;
  return inverse;
}
