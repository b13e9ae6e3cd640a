/** What files for other tools are made from, of a model that was reviewed. */
import type { CompiledSide, CompiledSides } from '../report/html/edges.ts';
import type { NeighbourSide, NeighbourSubject } from '../report/neighbours/neighbour.ts';
import type { TargetReport } from '../report/report.ts';

/** One model on one target. */
export interface CompiledModel {
  readonly path: string;
  readonly report: TargetReport;
  readonly sides: CompiledSides;
}

export function neighbourSubject({ path, report, sides: { base, head } }: CompiledModel): NeighbourSubject {
  const { target, layers } = report;
  return { path, target: target.id, rows: layers, base: sideOf(base), head: sideOf(head) };
}

function sideOf(side: CompiledSide | null): NeighbourSide | null {
  return side === null ? null : { model: side.prepared.model, schedule: side.schedule };
}
