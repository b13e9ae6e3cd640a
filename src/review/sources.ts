/** The lines of code behind the rows of a report: traces are kept beside it until it is known which files there are. */
import type { DiffRow } from '../compare/comparison.ts';
import { leadingLayer } from '../compare/rows.ts';
import { allNodes } from '../ir/bodies.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import type { PagePart } from '../report/html/page.ts';
import type { Report, TargetReport } from '../report/report.ts';
import { sourceFinder, type HeadFile } from '../report/source-line.ts';
import { isChanged } from '../report/source-words.ts';
import { framesOf, type Frame } from '../report/stack-trace.ts';
import type { Side } from './side.ts';

/** Of rows whose head's layer has a trace. */
export type Traces = ReadonlyMap<DiffRow, readonly Frame[]>;

/** A report in which no row has its source yet. */
export interface TracedReport {
  readonly report: Report;
  readonly traces: Traces;
  /** What a page needs of each model; none where nobody asked for it. */
  readonly parts: readonly PagePart[];
}

export function tracesOf(head: Side, targets: readonly TargetReport[]): Traces {
  const traces = new Map<DiffRow, readonly Frame[]>();
  if (head === 'absent' || head.kind === 'opaque') return traces;
  const framesAt = frameReader(head.prepared);
  for (const row of targets.flatMap(({ layers }) => layers)) {
    const layer = leadingLayer(row.head);
    // The host made the layer; what an exporter or a quantizer put into its place may have no trace.
    const nodes = layer === undefined ? [] : [layer.id, ...layer.nodes];
    const frames = nodes.map(framesAt).find(({ length }) => length > 0);
    if (frames !== undefined) traces.set(row, frames);
  }
  return traces;
}

/** By id of a node; each is read once, whatever the number of targets. */
function frameReader({ graph, model }: PreparedModel): (node: string) => readonly Frame[] {
  const nodes = [...allNodes(model.graph), ...graph.nodes].filter(({ metadata }) => metadata.size > 0);
  const metadata = new Map(nodes.map((node) => [node.id, node.metadata]));
  const known = new Map<string, readonly Frame[]>();
  return (node) => {
    const frames = known.get(node) ?? framesOf(metadata.get(node) ?? new Map());
    known.set(node, frames);
    return frames;
  };
}

/** Whether it is worth asking for the files of the head: some row that changed has a trace. */
export function wantsSources({ traces }: Pick<TracedReport, 'traces'>): boolean {
  return [...traces.keys()].some(isChanged);
}

/** The report with the sources that are found among the files of the head. */
export function withSources(
  { report, traces }: Pick<TracedReport, 'report' | 'traces'>,
  files: readonly HeadFile[],
): Report {
  const findSource = sourceFinder(files);
  const withSource = (row: DiffRow): DiffRow => {
    const frames = traces.get(row);
    const source = frames && findSource(frames);
    return source === undefined ? row : { ...row, source };
  };
  return {
    ...report,
    models: report.models.map((model) => ({
      ...model,
      targets: model.targets.map((target) => ({ ...target, layers: target.layers.map(withSource) })),
    })),
  };
}
