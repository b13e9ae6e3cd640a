/** Two columns for each metric that adds up while there is a what-if: what layers would take, and what that changes. */
import type { AdditiveMetric } from '../../../compare/comparison.ts';
import { apportion } from '../../../units.ts';
import type { TargetReport } from '../../report.ts';
import type { WhatIfAnswer } from '../worker/protocol.ts';
import type { Column, NumbersColumn, Worked } from './column.ts';
import type { Columns } from './columns.ts';
import { sumColumn, type FigureColumn } from './figure-column.ts';
import { kindWords, once } from './metric-columns.ts';
import { stepOf } from './steps.ts';
import { whatIfValues, type WhatIfValues } from './what-if-values.ts';

/** Behind the others of their metric; those of latency are shown without being asked for. */
export function withWhatIf(columns: Columns, target: TargetReport, answer: WhatIfAnswer): Columns {
  const columnsOf = new Map(
    columns.all.flatMap((column) =>
      column.kind === 'numbers' && column.of === 'head' ? [[column.group, whatIfColumns(column, target, answer)]] : [],
    ),
  );
  const lastOf = new Map(columns.all.map((column) => [column.group, column] as const));
  const all = columns.all.flatMap((column): readonly Column[] =>
    lastOf.get(column.group) === column ? [column, ...(columnsOf.get(column.group) ?? [])] : [column],
  );
  const byId = new Map(all.map((column) => [column.id, column]));
  const added = ['latency-edited', 'latency-effect'].filter((id) => byId.has(id));
  const before = columns.usual.findLastIndex((id) => id.startsWith('latency-')) + 1;
  return { all, byId, usual: columns.usual.toSpliced(before, 0, ...added) };
}

function whatIfColumns(head: NumbersColumn, target: TargetReport, answer: WhatIfAnswer): readonly NumbersColumn[] {
  const { metric, group, worked } = head;
  const { delta } = metric;
  if (delta === undefined) return [];
  const effects = once(() => workedEffects(delta, worked, { target, answer }));
  return (['edited', 'effect'] as const).map((of): NumbersColumn => {
    const figures = once(() => figuresOf(of, effects(), worked));
    return {
      ...{ kind: 'numbers', metric, of, group, worked, id: `${metric.id}-${of}` },
      ...{ title: `${group} ${kindWords[of]}`, kindTitle: kindWords[of] },
      get figures() {
        return figures();
      },
    };
  });
}

/** Values, and whole steps of the last digit from the head's: what is printed adds up from one to the other. */
interface Effects {
  readonly values: WhatIfValues;
  readonly steps: Pick<WhatIfValues, 'effect' | 'added'>;
  /** Of the head as it is. */
  readonly head: number;
}

function workedEffects(
  delta: AdditiveMetric,
  worked: Worked,
  asked: { readonly target: TargetReport; readonly answer: WhatIfAnswer },
): Effects {
  const { head } = worked.values();
  const values = whatIfValues(delta, { ...asked, head });
  const known = [...values.effect, values.added].map((value) => value || 0);
  const counts = apportion(known, stepOf(worked.frame().unit));
  const steps = { effect: Float64Array.from(counts.slice(0, -1)), added: counts.at(-1)! };
  return { values, steps, head: sumOf(head) };
}

function figuresOf(of: 'edited' | 'effect', { values, steps, head }: Effects, worked: Worked): FigureColumn {
  const headSteps = worked.rounded().head;
  const own = of === 'effect' ? steps.effect : steps.effect.map((count, row) => count + headSteps[row]!);
  const frame = { ...worked.frame(), signed: of === 'effect' };
  const column = sumColumn(values[of], () => own, frame);
  const total = (of === 'effect' ? 0 : head) + sumOf(values.effect) + values.added;
  return {
    ...column,
    beside:
      values.added === 0 ? undefined : { value: values.added, text: column.printSteps(steps.added, values.added) },
    whole: { value: total, text: column.printSteps(sumOf(own) + steps.added, total) },
  };
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + (value || 0), 0);
}
