import fc from 'fast-check';
import { expect, test } from 'vitest';
import { additiveMetrics, type AdditiveMetric } from '../../../../src/compare/comparison.ts';
import type { OptimizeDocument } from '../../../../src/report/optimize-document.ts';
import type { TargetReport } from '../../../../src/report/report.ts';
import { columnsOf, type Columns } from '../../../../src/report/viewer/figures/columns.ts';
import { withWhatIf } from '../../../../src/report/viewer/figures/what-if-columns.ts';
import type { LayerChange, NamedChange, WhatIfAnswer } from '../../../../src/report/viewer/worker/protocol.ts';
import { layer, overheadRow, row, targetReport, total, totals } from '../../reports.ts';

function changeOf(part: Partial<Record<AdditiveMetric, number>>): NamedChange {
  const nothing = Object.fromEntries(additiveMetrics.map((metric) => [metric, 0])) as LayerChange;
  return { name: '', ...nothing, ...part };
}

/** Of the file; what else the document says is not looked at. */
function answerOf(changes: ReadonlyMap<string, NamedChange>, added = changeOf({}), fileBytes = 0): WhatIfAnswer {
  const document = { base: { fileBytes: 0 }, head: { fileBytes } } as OptimizeDocument;
  return { document, changes, added, memoryTimeline: null, assumed: [] };
}

function figures(columns: Columns, id: string) {
  const column = columns.byId.get(id);
  if (column?.kind !== 'numbers') throw new Error(`no column ${id}`);
  return column.figures;
}

const printed = (text = ''): number => Number(text.replace('\u2212', '-').replace('~', ''));

test('columns of a what-if stand behind the others of their metric, where it adds up', () => {
  const target = targetReport({ layers: [row([layer()], [layer()])] });
  const plain = columnsOf(target);
  const columns = withWhatIf(plain, target, answerOf(new Map()));
  const added = columns.all.filter(({ id }) => !plain.byId.has(id)).map(({ id }) => id);
  const metrics = ['latency', 'energy', 'macs', 'parameters', 'weights', 'size'];
  expect(added.toSorted()).toEqual(metrics.flatMap((id) => [`${id}-edited`, `${id}-effect`]).toSorted());
  const ids = columns.all.map(({ id }) => id);
  expect(ids.indexOf('latency-edited')).toBe(ids.indexOf('latency-share') + 1);
  expect(columns.usual.filter((id) => !plain.usual.includes(id))).toEqual(['latency-edited', 'latency-effect']);
});

test('what is printed of a what-if adds up, from the head to what is edited and down to the sums', () => {
  const seconds = fc.double({ min: 1e-9, max: 0.1, noNaN: true });
  const share = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(seconds, share), { minLength: 1, maxLength: 30 }), seconds, (layers, brought) => {
      const rows = layers.map(([latencySeconds], index) => {
        const one = layer({ latencySeconds, name: `layer ${index}` });
        return row([one], [one]);
      });
      const changes = new Map(
        layers.map(([latencySeconds, by], index) => [
          `layer ${index}`,
          changeOf({ latencySeconds: by * latencySeconds }),
        ]),
      );
      const target = targetReport({ layers: rows });
      const columns = withWhatIf(columnsOf(target), target, answerOf(changes, changeOf({ latencySeconds: brought })));
      const [head, edited, effect] = ['head', 'edited', 'effect'].map((of) => figures(columns, `latency-${of}`));
      const sums = { edited: printed(edited!.beside?.text), effect: printed(effect!.beside?.text) };
      rows.forEach((_, index) => {
        expect(printed(head!.textOf(index)) + printed(effect!.textOf(index))).toBeCloseTo(
          printed(edited!.textOf(index)),
          6,
        );
        sums.edited += printed(edited!.textOf(index));
        sums.effect += printed(effect!.textOf(index));
      });
      expect(sums.edited).toBeCloseTo(printed(edited!.whole?.text), 6);
      expect(sums.effect).toBeCloseTo(printed(effect!.whole?.text), 6);
    }),
  );
});

test('what has no head has no what-if, layers of one name are told apart, the file keeps what is left', () => {
  const kept = (id: string) => [layer({ id, name: 'twice', fileBytes: 100 })];
  const layers = [row(kept('1'), kept('1')), row(kept('2'), kept('2')), row([layer()], []), overheadRow(0)];
  const target: TargetReport = targetReport({ layers, totals: totals({ fileBytes: total(250, 250) }) });
  const changes = new Map([['1', changeOf({ fileBytes: -80 })]]);
  const columns = withWhatIf(columnsOf(target), target, answerOf(changes, changeOf({ fileBytes: 5 }), -70));
  const effect = figures(columns, 'size-effect');
  expect([...effect.values]).toEqual([-80, 0, NaN, 5]);
  expect(effect.whole?.value).toBe(-70);
  expect(effect.beside?.value).toBe(5);
  expect([...figures(columns, 'size-edited').values]).toEqual([20, 100, NaN, 55]);
});
