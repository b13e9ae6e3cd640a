/** Where one is in the model, what colours and figures stand for, and how near one looks. */
import { visibleName } from '../../inert.ts';
import { hasBothSides } from '../figures/column-metrics.ts';
import { MetricChoice } from '../rows/metric-choice.tsx';
import { change, fitAll, openModule, reveal, type GraphState } from './graph-state.ts';
import { zoomBy } from './keyboard.ts';
import { togglePin } from './pins.tsx';
import type { Paint } from './settings.ts';

const mostCrumbs = 6;

export function Breadcrumbs({ state }: { readonly state: GraphState }) {
  const path = state.store.modules.value?.pathTo(state.settings.value.module) ?? [];
  // Of a deep path the beginning and the end.
  const shown = path.length <= mostCrumbs ? path : [...path.slice(0, 1), ...path.slice(1 - mostCrumbs)];
  return (
    <nav class="breadcrumbs" aria-label="Open module">
      <ol>
        {shown.map((module, index) => (
          <li key={module.id}>
            {path.length > mostCrumbs && index === 1 && <span aria-hidden="true">… / </span>}
            {index === shown.length - 1 ? (
              <span aria-current="location">
                <bdi>{titleOf(module)}</bdi>
              </span>
            ) : (
              <button type="button" onClick={() => openModule(state, module.id)}>
                <bdi>{titleOf(module)}</bdi>
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function titleOf({ id, title }: { readonly id: string; readonly title: string }): string {
  return id === '' ? 'whole model' : visibleName(title, 40);
}

const paintWords: readonly (readonly [Paint, string])[] = [
  ['status', 'what changed'],
  ['value', 'the metric'],
  ['change', 'its change'],
  ['effect', 'the what-if'],
];

export function Choices({ state }: { readonly state: GraphState }) {
  const { metric } = state.settings.value;
  const paint = state.paint.value;
  const { answered, targetReport } = state.store;
  const compared = targetReport.value !== undefined && hasBothSides(targetReport.value);
  const isOffered = (one: Paint): boolean => one === 'value' || (one === 'effect' ? answered.value !== null : compared);
  return (
    <div class="choices">
      <MetricChoice label="Metric" value={metric} onChange={(id) => change(state, (all) => ({ ...all, metric: id }))} />
      <label>
        <span>Colour by</span>
        <select
          value={paint}
          onChange={({ currentTarget }) => change(state, (all) => ({ ...all, paint: currentTarget.value as Paint }))}
        >
          {paintWords
            .filter(([one]) => isOffered(one))
            .map(([one, words]) => (
              <option key={one} value={one}>
                {words}
              </option>
            ))}
        </select>
      </label>
    </div>
  );
}

export function Looking({ state }: { readonly state: GraphState }) {
  const { store, picture, active } = state;
  const row = store.focus.value ?? [...store.selection.value][0];
  const child = picture.value?.boxes[active.value]?.child;
  const isPinned = typeof child === 'number' && state.settings.value.pins.includes(child);
  return (
    <div class="looking" role="group" aria-label="View of the graph">
      <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => zoomBy(state, 0.8)}>
        −
      </button>
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoomBy(state, 1.25)}>
        +
      </button>
      <button type="button" title="Show all of it (0)" onClick={() => fitAll(state)}>
        Fit
      </button>
      <button type="button" disabled={row === undefined} onClick={() => row !== undefined && reveal(state, row)}>
        Show selection
      </button>
      <button
        type="button"
        aria-pressed={isPinned}
        disabled={typeof child !== 'number'}
        title="Keep a card of the layer (p)"
        onClick={() => typeof child === 'number' && togglePin(state, child)}
      >
        Pin
      </button>
    </div>
  );
}
