/** Operands that broadcast against one another: channels meet where neither is repeated. */
import type { Axis } from './channels.ts';
import { ownAxes, sizesOf, uniteAt } from './following.ts';
import type { Axes, Following, Rule } from './following.ts';

export const elementwiseRule: Rule = (following) => {
  const { inputs, outputs, node } = following;
  const operands = inputs.filter((axes) => axes !== undefined);
  if (inputs.some((axes, position) => axes === undefined && node.inputs[position] !== '')) return 'is not followed';
  return outputs.map((shape) => shape && meet(following, operands, shape));
};

/** Axes are aligned at the last one; those of size 1 are repeated and stay as they are. */
export function meet(following: Following, operands: readonly Axes[], shape: readonly number[]): Axes {
  return ownAxes(shape, following.node).map((own, axis) => {
    const met = operands.flatMap((axes): readonly Axis[] => {
      const at = axis - shape.length + axes.length;
      return at >= 0 && sizesOf(axes)[at] === shape[axis] ? [axes[at]!] : [];
    });
    const [first, ...others] = met;
    for (const other of others) uniteAt(following, first!, other);
    return first ?? own;
  });
}
