/** What colours, outlines and bands mean. */
import { visibleName } from '../../inert.ts';
import { hasBothSides } from '../figures/column-metrics.ts';
import { statusSigns } from '../rows/row-status.ts';
import { numberUnits } from '../rows/units.ts';
import { largestWords } from './graph-boxes.ts';
import type { GraphState } from './graph-state.ts';
import { shadeSteps, turnSteps } from './shades.ts';

export function Legend({ state }: { readonly state: GraphState }) {
  const units = [...numberUnits(state.store.rows.value)];
  const target = state.store.targetReport.value;
  return (
    <div class="legend">
      {target !== undefined && hasBothSides(target) && <Marks />}
      {state.paint.value !== 'status' && <Scale state={state} />}
      {units.length > 1 && (
        <ul aria-label="Units">
          {units.map(([unit, number]) => (
            <li key={unit}>
              <span class={`swatch unit-${number % 4}`} aria-hidden="true" />
              <bdi>{visibleName(unit, 24)}</bdi>
            </li>
          ))}
          <li>
            <svg class="sample" width="26" height="12" aria-hidden="true">
              <path class="wire wire-both wire-crossing" d="M1 6H25" />
            </svg>
            crosses units
          </li>
        </ul>
      )}
    </div>
  );
}

const statuses = ['added', 'removed', 'changed'] as const;

function Marks() {
  return (
    <ul aria-label="Marks">
      {statuses.map((status) => (
        <li key={status}>
          <svg class={`sample box box-${status}`} width="26" height="18" aria-hidden="true">
            <rect class="body" x="2" y="2" width="22" height="14" rx="3" />
            <text x="13" y="13" font-size="12" text-anchor="middle">
              {statusSigns[status]}
            </text>
          </svg>
          {status}
        </li>
      ))}
    </ul>
  );
}

function Scale({ state }: { readonly state: GraphState }) {
  const { picture, paint } = state;
  if (picture.value === undefined) return null;
  const isChange = paint.value !== 'value';
  const most = largestWords(picture.value, paint.value);
  const shades = isChange ? turns : Array.from({ length: shadeSteps }, (_, step) => `shade-${step}`);
  return (
    <p class="scale">
      <span>{isChange ? `−${most}` : '0'}</span>
      <span class="steps" aria-hidden="true">
        {shades.map((name) => (
          <span key={name} class={`swatch ${name}`} />
        ))}
      </span>
      <span>{isChange ? `+${most}` : most}</span>
    </p>
  );
}

const sizes = Array.from({ length: turnSteps }, (_, step) => step + 1);
const turns = [
  ...sizes.toReversed().map((size) => `turn-less-${size}`),
  'turn-0',
  ...sizes.map((size) => `turn-more-${size}`),
];
