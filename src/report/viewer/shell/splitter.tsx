/** A line between two panels that can be moved, by pointer and by keyboard. */
import type { Signal } from '@preact/signals';

interface SplitterProps {
  /** Percent of what is before it. */
  readonly position: Signal<number>;
  /** `column`: what is before it is at its left. */
  readonly direction: 'column' | 'row';
  readonly name: string;
}

const [least, most, step] = [20, 80, 5];

/** Names of layers and the figures of one metric have room at the left of a window of 1280 pixels. */
export const usualPercent = { column: 58, row: 60 } as const;

export function Splitter({ position, direction, name }: SplitterProps) {
  const set = (percent: number): void => void (position.value = Math.min(most, Math.max(least, percent)));
  const drag = (event: PointerEvent & { readonly currentTarget: HTMLElement }): void => {
    const line = event.currentTarget;
    if (!line.hasPointerCapture(event.pointerId)) return;
    const { left, top, width, height } = line.parentElement!.getBoundingClientRect();
    set(direction === 'column' ? ((event.clientX - left) / width) * 100 : ((event.clientY - top) / height) * 100);
  };
  const keys = direction === 'column' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
  const walk = (event: KeyboardEvent): void => {
    const way = keys.indexOf(event.key);
    if (way < 0) return;
    event.preventDefault();
    set(position.value + (way === 0 ? -step : step));
  };
  return (
    <div
      role="separator"
      tabIndex={0}
      class={`splitter ${direction}`}
      aria-orientation={direction === 'column' ? 'vertical' : 'horizontal'}
      aria-label={name}
      aria-valuenow={Math.round(position.value)}
      aria-valuemin={least}
      aria-valuemax={most}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={walk}
      onDblClick={() => set(usualPercent[direction])}
    />
  );
}
