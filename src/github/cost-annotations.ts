/** Notes on the lines of code that this change touched and that made the model slower. */
import type { DiffRow } from '../compare/comparison.ts';
import { middleCut, visibleName } from '../report/inert.ts';
import { joined } from '../report/phrase.ts';
import { printWords } from '../report/print-text.ts';
import type { ModelReport, TargetReport } from '../report/report.ts';
import { splitSource } from '../report/source-words.ts';
import { changePhrase, whyPhrase } from '../report/why.ts';
import { percent, printDelta, printQuantity } from '../units.ts';
import type { Annotation } from './annotation.ts';
import type { ChangedLines } from './patch.ts';
import type { RangeReview } from './review-range.ts';

/** More lines than this nobody reads. */
const maximumLines = 10;

/** Of the head's latency: what adds less is not worth a note. */
const leastShare = 0.01;

/** What the layers of one line of code add to one model on one target. */
interface LineCost {
  readonly source: string;
  readonly model: ModelReport;
  readonly target: TargetReport;
  /** That became slower, the most so first. */
  readonly rows: readonly DiffRow[];
  readonly addedSeconds: number;
  /** Of the head's latency. */
  readonly share: number;
}

/**
 * The ten lines that add most, measured by the share of the latency that they add, where that is a hundredth at least;
 * only lines that the change itself added or rewrote. One note for a line, however many layers and targets it is of.
 */
export function costAnnotations({ report, changedLines }: RangeReview): readonly Annotation[] {
  const costs = report.models
    .flatMap((model) => model.targets.flatMap((target) => lineCosts(model, target)))
    .filter(({ source }) => isChangedLine(source, changedLines))
    .toSorted((a, b) => b.share - a.share);
  const bySource = grouped(costs, ({ source }) => source);
  return [...bySource.values()].slice(0, maximumLines).map(annotationOf);
}

/** In the order in which the keys come first. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function isChangedLine(source: string, changedLines: ChangedLines): boolean {
  const { path, line } = splitSource(source);
  return changedLines.get(path)?.has(line) === true;
}

function lineCosts(model: ModelReport, target: TargetReport): readonly LineCost[] {
  const total = target.totals.latencySeconds.head ?? 0;
  const slower = target.layers
    .filter(({ source, delta }) => source !== undefined && delta.latencySeconds > 0)
    .toSorted((a, b) => b.delta.latencySeconds - a.delta.latencySeconds);
  return [...grouped(slower, ({ source }) => source!)]
    .map(([source, rows]) => {
      const addedSeconds = rows.reduce((sum, { delta }) => sum + delta.latencySeconds, 0);
      return { source, model, target, rows, addedSeconds, share: total > 0 ? addedSeconds / total : 0 };
    })
    .filter(({ share }) => share >= leastShare);
}

/** @param costs of one line, the largest share first */
function annotationOf(costs: readonly LineCost[]): Annotation {
  const [first, ...others] = costs;
  const { source, model, target, addedSeconds } = first!;
  const { path, line } = splitSource(source);
  const breaks = costs.some((cost) =>
    cost.target.budgets.some(({ verdict }) => verdict === 'fail' || verdict === 'warn'),
  );
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: breaks ? 'warning' : 'notice',
    title: middleCut(
      `${printDelta(addedSeconds, 'time')}: ${visibleName(model.path, 120)} on ${visibleName(target.target.id, 80)}`,
      255,
    ),
    message: `${costWords(first!)}${otherWords(others)}`,
  };
}

/** `Latency +1.75 ms (79% of 2.21 ms) by /neck/up1/Resize and 3 more layers: added; falls back to the CPU: …` */
function costWords({ target, rows, addedSeconds, share }: LineCost): string {
  const total = printQuantity(target.totals.latencySeconds.head ?? 0, 'time');
  const layer = visibleName(rows[0]!.name, 80);
  const more = rows.length === 1 ? '' : ` and ${rows.length - 1} more layer${rows.length === 2 ? '' : 's'}`;
  const why = printWords(joined([changePhrase(rows.slice(0, 1)), whyPhrase(rows.slice(0, 1))], '; '));
  return `Latency ${printDelta(addedSeconds, 'time')} (${percent(share)} of ${total}) by ${layer}${more}: ${why}`;
}

const namedOthers = 3;

function otherWords(others: readonly LineCost[]): string {
  if (others.length === 0) return '';
  const words = others
    .slice(0, namedOthers)
    .map(
      ({ model, target, addedSeconds }) =>
        `${printDelta(addedSeconds, 'time')} in ${visibleName(model.path, 80)} on ${visibleName(target.target.id, 80)}`,
    );
  const more = others.length > namedOthers ? ` and ${others.length - namedOthers} more` : '';
  return `. Also ${words.join(', ')}${more}`;
}
