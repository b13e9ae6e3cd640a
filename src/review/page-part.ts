/** What a report page needs of a reviewed model: both versions to compute with, and how the rows hang together. */
import type { DiffRow } from '../compare/comparison.ts';
import type { PageModel, PageSide, PageView } from '../report/html/document.ts';
import type { CompiledSide, CompiledSides } from '../report/html/edges.ts';
import { withoutMetadata } from '../report/html/side.ts';
import type { CompileOptions } from '../schedule/compile.ts';
import type { Run } from './run-side.ts';
import type { Side } from './side.ts';

/** `pageView` of `report/html/view.ts`, which who wants no page need not load. */
export type ViewOf = (rows: readonly DiffRow[], sides: CompiledSides) => PageView;

export function pageSide(side: Side): PageSide | null {
  if (side === 'absent' || side.kind === 'opaque') return null;
  const { prepared, bindings, fileBytes, downloadBytes } = side;
  return { prepared: withoutMetadata(prepared), bindings, fileBytes, downloadBytes };
}

export function pageModel(
  named: Pick<PageModel, 'path' | 'previousPath' | 'name'>,
  [base, head]: readonly [Side, Side],
  options: CompileOptions,
  rateHertz: number | undefined,
): PageModel {
  return { ...named, base: pageSide(base), head: pageSide(head), options, rateHertz: rateHertz ?? null };
}

/** Null where there is nothing compiled. */
export function compiledSide(side: Side, { simulation }: Run, { assumedType }: CompileOptions): CompiledSide | null {
  if (side === 'absent' || side.kind === 'opaque' || typeof simulation === 'string') return null;
  return { prepared: side.prepared, schedule: simulation.schedule, assumedType };
}
