/** What a report page needs of a reviewed model: both versions to compute with, and how the rows hang together. */
import { subjectOf } from '../advise/what-if.ts';
import type { DiffRow } from '../compare/comparison.ts';
import type { PageModel, PageSide, PageView } from '../report/html/document.ts';
import type { CompiledSide, CompiledSides } from '../report/html/edges.ts';
import { withoutMetadata } from '../report/html/side.ts';
import { editedWeightRecord, weightRecord, type WeightRecord } from '../report/html/weight-record.ts';
import type { CompileOptions } from '../schedule/compile.ts';
import type { Target } from '../schedule/target.ts';
import type { Run } from './run-side.ts';
import type { PreparedSide, Side } from './side.ts';

/** `pageView` of `report/html/view.ts`, which who wants no page need not load. */
export type ViewOf = (rows: readonly DiffRow[], sides: CompiledSides) => PageView;

/** How the versions were compiled. */
export interface PageSetting {
  readonly targets: readonly Target[];
  readonly compileOptions: CompileOptions;
  readonly rateHertz: number | undefined;
}

/** Of versions that were compiled for all targets: what these found out about weights goes into the page. */
export function pageModel(
  named: Pick<PageModel, 'path' | 'previousPath' | 'name'>,
  [base, head]: readonly [Side, Side],
  { targets, compileOptions, rateHertz }: PageSetting,
): PageModel {
  const editable = (side: PreparedSide) =>
    editedWeightRecord(subjectOf(side, { ...compileOptions, rateHertz }), targets);
  return {
    ...named,
    base: pageSide(base, weightRecord),
    head: pageSide(head, editable),
    options: compileOptions,
    rateHertz: rateHertz ?? null,
  };
}

function pageSide(side: Side, record: (side: PreparedSide) => WeightRecord): PageSide | null {
  if (side === 'absent' || side.kind === 'opaque') return null;
  const { prepared, bindings, fileBytes, downloadBytes } = side;
  return { prepared: withoutMetadata(prepared), bindings, fileBytes, downloadBytes, ...record(side) };
}

/** Null where there is nothing compiled. */
export function compiledSide(side: Side, { simulation }: Run, { assumedType }: CompileOptions): CompiledSide | null {
  if (side === 'absent' || side.kind === 'opaque' || typeof simulation === 'string') return null;
  return { prepared: side.prepared, schedule: simulation.schedule, assumedType };
}
