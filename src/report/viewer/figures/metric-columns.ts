/** The columns of one metric: base, head, change, and shares. Worked out when they are first asked for. */
import type { Quantity } from '../../../units.ts';
import type { TargetReport } from '../../report.ts';
import { hasBothSides, hasSide, metricValues, type ColumnMetric } from './column-metrics.ts';
import type { NumbersColumn, NumbersKind, Worked } from './column.ts';
import {
  commonFrame,
  maximumColumn,
  noFigure,
  plainColumn,
  printedColumn,
  relativeColumn,
  shareOfTotalColumn,
  sumColumn,
  type FigureColumn,
} from './figure-column.ts';
import { metricSteps, stepOf } from './steps.ts';

export const kindWords: Readonly<Record<NumbersKind, string>> = {
  base: 'base',
  head: 'head',
  change: 'change',
  ratio: 'change %',
  share: 'share',
  edited: 'edited',
  effect: 'edit change',
};

export function metricColumns(metric: ColumnMetric, target: TargetReport): readonly NumbersColumn[] {
  const values = once(() => metricValues(metric, target));
  const frame = once(() => commonFrame(values(), quantityOf(metric)));
  const rounded = once(() => (isPrintedAlone(metric) ? values() : metricSteps(values(), stepOf(frame().unit))));
  const worked = { values, rounded, frame };
  return kindsOf(metric, target).map((of): NumbersColumn => {
    const figures = once(() => figureColumn(metric, of, worked));
    return {
      ...{ kind: 'numbers', metric, of, worked, id: `${metric.id}-${of}`, group: metric.label },
      ...{ title: `${metric.label} ${kindWords[of]}`, kindTitle: kindWords[of] },
      get figures() {
        return figures();
      },
    };
  });
}

/** The value of a function, from its first call on. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

type PlainKind = Exclude<NumbersKind, 'edited' | 'effect'>;

function kindsOf(metric: ColumnMetric, target: TargetReport): readonly PlainKind[] {
  const compared = hasBothSides(target);
  const adds = metric.together === 'sum';
  return [
    ...(hasSide(target, 'base') ? (['base'] as const) : []),
    ...(hasSide(target, 'head') ? (['head'] as const) : []),
    ...(compared ? (['change'] as const) : []),
    ...(compared && !isPrintedAlone(metric) ? (['ratio'] as const) : []),
    ...(adds ? (['share'] as const) : []),
  ];
}

/** Has no unit to share with others of its column. */
function isPrintedAlone({ quantity }: ColumnMetric): boolean {
  return quantity === 'share' || quantity === 'ratio';
}

function quantityOf({ quantity }: ColumnMetric): Quantity {
  return quantity === 'share' || quantity === 'ratio' ? 'count' : quantity;
}

function figureColumn(metric: ColumnMetric, of: PlainKind, worked: Worked): FigureColumn {
  const values = worked.values();
  const { base, head } = values;
  if (of === 'ratio') {
    const column = relativeColumn(base, head);
    return metric.together === 'sum' ? column : { ...column, together: () => noFigure };
  }
  if (of === 'share') return shareOfTotalColumn(head.some((value) => value > 0) ? head : base);
  const signed = of === 'change';
  if (isPrintedAlone(metric)) return printedColumn(values[of], metric, signed);
  const frame = { ...worked.frame(), signed };
  if (metric.together === 'sum') return sumColumn(values[of], () => worked.rounded()[of], frame);
  return metric.together === 'maximum' ? maximumColumn(values[of], frame) : plainColumn(values[of], frame);
}
