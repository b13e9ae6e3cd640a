/** Kernels whose operations run inside those of another one, which then does the work of both. */
import type { Draft, Operand } from '../draft.ts';

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
      members: [...own.members, ...other.members].sort((a, b) => a.index - b.index),
      absorbed: new Set([...own.absorbed, ...other.absorbed]),
      riders: [...own.riders, ...other.riders],
    },
    nests: [...first.nests, ...next.nests],
    vector: [...first.vector, ...next.vector],
    inputs: distinct([...first.inputs, ...next.inputs.filter(({ buffer }) => !passed.has(buffer))]),
    weights: distinct([...first.weights, ...next.weights]),
    outputs: next.outputs,
  };
}

function distinct(operands: readonly Operand[]): readonly Operand[] {
  return [...new Map(operands.map((operand) => [operand.buffer, operand])).values()];
}
