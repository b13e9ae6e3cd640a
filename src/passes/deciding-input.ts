/** Names the input that decides a size which only a run can tell: the operators know the rule, not the names. */
import { isKnown, isUnknown, unknown } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { decidedAtRunTime } from '../operators/type.ts';
import type { TypedNode } from '../operators/operator.ts';

/** Names come from files and are repeated by every tensor behind this one. */
const longestName = 80;

/** The types with the deciding input in the reasons that this very node gave. */
export function nameDecidingInput(typed: TypedNode, outputs: readonly TensorType[]): readonly TensorType[] {
  const reason = decidedAtRunTime(typed.node.operator);
  if (!outputs.some((type) => type.reason === reason || hasReason(type, reason))) return outputs;
  const name = decidingInput(typed);
  if (name === undefined) return outputs;
  const cut = name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
  const named = `${reason}: input ${cut}`;
  return outputs.map((type) => ({
    ...type,
    shape: type.shape?.map((size) => (isUnknown(size) && size.reason === reason ? unknown(named) : size)) ?? null,
    ...(type.reason === reason ? { reason: named } : {}),
  }));
}

function hasReason({ shape }: TensorType, reason: string): boolean {
  return shape?.some((size) => isUnknown(size) && size.reason === reason) === true;
}

/** Sizes come in behind the data: the first such input whose elements are not all known, else the data itself. */
function decidingInput({ node, values, constant }: TypedNode): string | undefined {
  const open = (name: string, position: number): boolean =>
    name !== '' && constant[position] !== true && values[position]?.elements.every(isKnown) !== true;
  const behind = node.inputs.find((name, position) => position > 0 && open(name, position));
  return behind ?? node.inputs.find(open);
}
