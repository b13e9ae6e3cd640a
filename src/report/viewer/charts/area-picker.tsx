/** A sheet over a chart on which an area is drawn. */
import { useRef, useState } from 'preact/hooks';
import { areaBetween, type Area } from './area.ts';

type Corner = readonly [number, number];

interface Props {
  /** An area from top to bottom. */
  readonly isStripe: boolean;
  readonly onPicked: (area: Area) => void;
}

export function AreaPicker({ isStripe, onPicked }: Props) {
  const from = useRef<Corner | null>(null);
  const [to, setTo] = useState<Corner | null>(null);
  const cornerOf = (event: PointerEvent): Corner => {
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const area = from.current === null || to === null ? null : areaBetween(from.current, to, isStripe);
  return (
    <div
      class="area-picker"
      onPointerDown={(event) => {
        from.current = cornerOf(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => from.current !== null && setTo(cornerOf(event))}
      onPointerUp={(event) => {
        if (from.current !== null) onPicked(areaBetween(from.current, cornerOf(event), isStripe));
        from.current = null;
        setTo(null);
      }}
      onPointerCancel={() => {
        from.current = null;
        setTo(null);
      }}
    >
      {area !== null && <div class="picked-area" style={styleOf(area)} />}
    </div>
  );
}

function styleOf({ left, right, top, bottom }: Area): Readonly<Record<string, string>> {
  const isStripe = !Number.isFinite(top);
  return {
    left: `${left}px`,
    width: `${right - left}px`,
    top: isStripe ? '0' : `${top}px`,
    height: isStripe ? '100%' : `${bottom - top}px`,
  };
}
