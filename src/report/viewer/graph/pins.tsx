/** Cards of rows that stay while one looks on. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { visibleName } from '../../inert.ts';
import { changePhrase, whyPhrase } from '../../why.ts';
import { metricsOf, printMetric, printMetricChange, shownName, valueOfRows, valuesOf } from '../rows/row-figures.ts';
import { SidesHead } from '../rows/sides-head.tsx';
import { Words } from '../shell/words.tsx';
import { change, reveal, type GraphState } from './graph-state.ts';
import { withoutPin, withPin } from './settings.ts';

export function togglePin(state: GraphState, row: number): void {
  const isPinned = state.settings.value.pins.includes(row);
  change(state, (settings) => (isPinned ? withoutPin(settings, row) : withPin(settings, row)));
}

export function Pins({ state }: { readonly state: GraphState }) {
  const rows = state.store.rows.value;
  const pins = state.settings.value.pins.filter((row) => row < rows.length);
  if (pins.length === 0) return null;
  return (
    <ul class="pins" aria-label="Pinned layers">
      {pins.map((row) => (
        <li key={row}>
          <Card state={state} row={row} of={rows[row]!} />
        </li>
      ))}
    </ul>
  );
}

function Card({ state, row, of }: { readonly state: GraphState; readonly row: number; readonly of: DiffRow }) {
  const name = shownName(of);
  return (
    <article class="card">
      <header>
        <h4>
          <bdi>{name}</bdi>
        </h4>
        <button
          type="button"

          aria-label={`Show ${visibleName(name, 60)} in the graph`}
          onClick={() => reveal(state, row)}
        >
          Show
        </button>
        <button
          type="button"
          title="Take the card away"
          aria-label={`Unpin ${visibleName(name, 60)}`}
          onClick={() => togglePin(state, row)}
        >
          ×
        </button>
      </header>
      <p>
        <Words phrase={changePhrase([of])} />
      </p>
      <Figures state={state} row={row} />
      <p class="why">
        <Words phrase={whyPhrase([of])} />
      </p>
    </article>
  );
}

function Figures({ state, row }: { readonly state: GraphState; readonly row: number }) {
  const target = state.store.targetReport.value;
  if (target === undefined) return null;
  const known = metricsOf(target).flatMap((metric) => {
    const value = valueOfRows(target, { metric, values: valuesOf(target, metric) }, [row]);
    return (value.base || 0) + (value.head || 0) === 0 ? [] : [{ metric, value }];
  });
  return (
    <table>
      <SidesHead title="metric" />
      <tbody>
        {known.map(({ metric, value }) => (
          <tr key={metric.id}>
            <th scope="row">{metric.label}</th>
            <td>{printMetric(metric, value.base)}</td>
            <td>{printMetric(metric, value.head)}</td>
            <td>{printMetricChange(metric, value.change)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
