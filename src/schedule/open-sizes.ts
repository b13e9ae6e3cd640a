/** What has to be said of tensors whose size only a run of the model tells. */
import { findOperator } from '../operators/index.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import { operatorName } from './operation.ts';
import type { Program } from './program.ts';

/** Named in one line; a hostile file may hold thousands. */
const named = 3;

export function sizeAssumptions({ unresolved }: PreparedModel, program: Program): readonly string[] {
  const bounded = unresolved.filter(({ assumed }) => assumed.length > 0);
  const open = unresolved.filter(({ assumed }) => assumed.length === 0);
  const uncounted = uncountedNodes(program).length;
  return [
    ...line('the data decides these sizes, the largest is counted', bounded, ({ assumed }) => assumed.join('x')),
    ...line(
      `sizes that are not known leave ${String(uncounted)} operators uncounted`,
      uncounted === 0 ? [] : open,
      ({ reason }) => reason,
    ),
    ...(open.length === 0 ? costAssumptions(program) : []),
  ];
}

/** All sizes are known, and yet nobody can say what it costs: the data decides how often it runs. */
function costAssumptions(program: Program): readonly string[] {
  const ids = uncountedNodes(program).map(({ node }) => `${operatorName(node)} ${node.id}`);
  if (ids.length === 0) return [];
  const more = ids.length > named ? [`${String(ids.length - named)} more`] : [];
  return [`the data decides what these cost, they are not counted: ${[...ids.slice(0, named), ...more].join(', ')}`];
}

function line(
  what: string,
  tensors: PreparedModel['unresolved'],
  detail: (one: PreparedModel['unresolved'][number]) => string,
): readonly string[] {
  if (tensors.length === 0) return [];
  const words = tensors.slice(0, named).map((one) => `${one.tensor} (${detail(one)})`);
  const more = tensors.length > named ? [`${String(tensors.length - named)} more`] : [];
  return [`${what}: ${[...words, ...more].join(', ')}`];
}

/** Operators whose cost is missing since the data decides it, or a size of theirs is not known; each once, sorted. */
export function uncountedOperators(program: Program): readonly string[] {
  return [...new Set(uncountedNodes(program).map(({ node }) => operatorName(node)))].sort();
}

function uncountedNodes({ operations }: Program): Program['operations'] {
  return operations.filter(
    ({ notCounted, node }) => notCounted !== null && findOperator(node.domain, node.operator) !== undefined,
  );
}
