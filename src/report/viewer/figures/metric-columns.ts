/** The columns of one metric: base, head, change, and shares. Worked out when they are first asked for. */
import type { TargetReport } from '../../report.ts';
import { hasSide, isCompared, metricValues, type ColumnMetric, type MetricValues } from './column-metrics.ts';
import type { NumbersColumn, NumbersKind } from './column.ts';
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

const kindWords: Readonly<Record<NumbersKind, string>> = {
  base: 'base',
  head: 'head',
  change: 'change',
  ratio: 'change %',
  share: 'share',
};

export function metricColumns(metric: ColumnMetric, target: TargetReport): readonly NumbersColumn[] {
  const values = once(() => metricValues(metric, target));
  const rounded = once(() => roundedValues(metric, values()));
  return kindsOf(metric, target).map((of): NumbersColumn => {
    const figures = once(() => figureColumn(metric, of, { values, rounded }));
    return {
      ...{ kind: 'numbers', metric, of, id: `${metric.id}-${of}`, group: metric.label },
      ...{ title: `${metric.label} ${kindWords[of]}`, kindTitle: kindWords[of] },
      get figures() {
        return figures();
      },
    };
  });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function kindsOf(metric: ColumnMetric, target: TargetReport): readonly NumbersKind[] {
  const compared = isCompared(target) && hasSide(target, 'base') && hasSide(target, 'head');
  const adds = metric.together === 'sum';
  return [
    ...(hasSide(target, 'base') ? (['base'] as const) : []),
    ...(hasSide(target, 'head') ? (['head'] as const) : []),
    ...(compared ? (['change'] as const) : []),
    ...(compared && metric.quantity !== 'share' && metric.quantity !== 'ratio' ? (['ratio'] as const) : []),
    ...(adds ? (['share'] as const) : []),
  ];
}

function roundedValues({ quantity }: ColumnMetric, values: MetricValues): MetricValues {
  if (quantity === 'share' || quantity === 'ratio') return values;
  return metricSteps(values, stepOf(commonFrame(values, quantity).unit));
}

interface Worked {
  readonly values: () => MetricValues;
  /** In steps of the last digit. */
  readonly rounded: () => MetricValues;
}

function figureColumn(metric: ColumnMetric, of: NumbersKind, worked: Worked): FigureColumn {
  const values = worked.values();
  const { base, head } = values;
  if (of === 'ratio') {
    const column = relativeColumn(base, head);
    return metric.together === 'sum' ? column : { ...column, together: () => noFigure };
  }
  if (of === 'share') return shareOfTotalColumn(head.some((value) => value > 0) ? head : base);
  const signed = of === 'change';
  if (metric.quantity === 'share' || metric.quantity === 'ratio') return printedColumn(values[of], metric, signed);
  const frame = { ...commonFrame(values, metric.quantity), signed };
  if (metric.together === 'sum') return sumColumn(values[of], () => worked.rounded()[of], frame);
  return metric.together === 'maximum' ? maximumColumn(values[of], frame) : plainColumn(values[of], frame);
}
