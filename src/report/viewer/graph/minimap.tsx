/** The whole picture, small, with what is seen of it; a press moves there. The keyboard has its own ways. */
import type { Box } from '../../html/document.ts';
import type { GraphState } from './graph-state.ts';
import { look } from './graph-state.ts';
import { centred, seen, type Size } from './viewport.ts';

const longest = { width: 132, height: 150 } as const;

export function Minimap({ state }: { readonly state: GraphState }) {
  const { picture, view, screen, store } = state;
  if (picture.value === undefined || picture.value.boxes.length < 2) return null;
  const { layout, boxes } = picture.value;
  const scale = Math.min(longest.width / layout.width, longest.height / layout.height, 0.2);
  const part = inside(seen(view.value, screen.value), layout);
  // Where all of it is in sight, a small picture would only cover the large one.
  if (part.width >= layout.width && part.height >= layout.height) return null;
  const { value: selection } = store.selection;
  const go = (event: PointerEvent): void => {
    if (event.buttons !== 1) return;
    event.stopPropagation();
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    const at = { x: (event.clientX - left) / scale, y: (event.clientY - top) / scale };
    look(state, centred(view.value, at, screen.value));
  };
  const [width, height] = [Math.max(16, layout.width * scale), Math.max(16, layout.height * scale)];
  return (
    <svg class="minimap" aria-hidden="true" {...{ width, height }} onPointerDown={go} onPointerMove={go}>
      <g transform={`scale(${scale})`}>
        {boxes.map(({ index, place: { x, y, width: across, height: down }, status, shade, rows }) => (
          <rect
            key={index}
            class={`body box-${status} ${shade}${selection.size > 0 && rows.some((row) => selection.has(row)) ? ' is-selected' : ''}`}
            {...{ x, y, width: across, height: down }}
          />
        ))}
        <rect class="seen" {...part} stroke-width={2 / scale} />
      </g>
    </svg>
  );
}

/** A part of the plane, as far as the picture reaches. */
function inside(part: Box, { width, height }: Size): Box {
  const [left, top] = [Math.max(0, part.x), Math.max(0, part.y)];
  const [right, bottom] = [Math.min(width, part.x + part.width), Math.min(height, part.y + part.height)];
  return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}
