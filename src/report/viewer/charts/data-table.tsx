/** What a chart shows, as a table: for who cannot see it, and for whom a keyboard is all there is. */
import { useMemo, useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';
import type { ChartDataRow, ViewChart } from './view-chart.ts';

/** As many at a time. */
const page = 100;

export function DataTable({ chart }: { readonly chart: ViewChart }) {
  const { title } = chart;
  const data = useMemo(() => chart.data(), [chart]);
  const [shown, setShown] = useState(page);
  const left = data.rows.length - shown;
  return (
    <div class="chart-data" role="group" aria-label="Data of the chart" tabIndex={0}>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            {data.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.slice(0, shown).map((row, index) => (
            <DataRow key={index} row={row} />
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <button type="button" onClick={() => setShown(shown + page)}>
          {left === 1 ? 'One more' : `${Math.min(page, left)} more of ${left}`}
        </button>
      )}
    </div>
  );
}

/** The name selects the rows that it stands for. */
function DataRow({ row: { cells, rows } }: { readonly row: ChartDataRow }) {
  const { selection, focus } = useStore();
  const [name, ...others] = cells;
  const isSelected = rows.length > 0 && rows.every((row) => selection.value.has(row));
  const select = (): void => {
    selection.value = new Set(rows);
    focus.value = rows[0] ?? null;
  };
  return (
    <tr class={isSelected ? 'is-selected' : undefined}>
      <th scope="row">
        {rows.length === 0 ? (
          <bdi>{name}</bdi>
        ) : (
          <button type="button" aria-pressed={isSelected} onClick={select}>
            <bdi>{name}</bdi>
          </button>
        )}
      </th>
      {others.map((cell, index) => (
        <td key={index}>
          <bdi>{cell}</bdi>
        </td>
      ))}
    </tr>
  );
}
