/** Kernels whose operations run inside those of another one, which then does the work of both. */
import type { Draft, Operand } from '../draft.ts';
import type { Operation } from '../program.ts';

/** `kernels`: of each operation, the kernels that it does the work of, its own first. */
export function mergeDrafts(
  drafts: readonly Draft[],
  kernels: readonly (readonly number[])[],
): readonly (Draft | undefined)[] {
  const running = new Set(kernels.map(([own]) => own));
  const merged: (Draft | undefined)[] = [...drafts];
  for (const [own, ...others] of kernels) {
    for (const other of others) {
      if (own === undefined || running.has(other)) continue;
      const [into, from] = [merged[own], merged[other]];
      if (into === undefined || from === undefined) continue;
      merged[own] = joined(into, from);
      merged[other] = undefined;
    }
  }
  return merged;
}

/** `next` takes the first one's only result as it comes. */
function joined(first: Draft, next: Draft): Draft {
  const passed = new Set(first.outputs.map(({ buffer }) => buffer));
  const [own, other] = [first.group, next.group];
  return {
    ...first,
    group: {
      host: own.host,
      members: inOrder([...own.members, ...other.members]),
      absorbed: other.absorbed.size === 0 ? own.absorbed : new Set([...own.absorbed, ...other.absorbed]),
      riders: [...own.riders, ...other.riders],
    },
    nests: [...first.nests, ...next.nests],
    vector: [...first.vector, ...next.vector],
    inputs: distinct([...first.inputs, ...next.inputs.filter(({ buffer }) => !passed.has(buffer))]),
    weights: distinct([...first.weights, ...next.weights]),
    outputs: next.outputs,
  };
}

function inOrder(members: readonly Operation[]): readonly Operation[] {
  const isSorted = members.every(({ index }, place) => place === 0 || members[place - 1]!.index <= index);
  return isSorted ? members : members.toSorted((a, b) => a.index - b.index);
}

function distinct(operands: readonly Operand[]): readonly Operand[] {
  const isAlone = operands.every(({ buffer }, place) => operands.findIndex((one) => one.buffer === buffer) === place);
  return isAlone ? operands : [...new Map(operands.map((operand) => [operand.buffer, operand])).values()];
}
