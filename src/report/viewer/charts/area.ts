/** Which marks lie in an area that was drawn over a chart. */
import type { ViewMark } from './view-chart.ts';

/** Pixels; a stripe has no upper and lower edge. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function areaBetween(a: readonly [number, number], b: readonly [number, number], isStripe: boolean): Area {
  return {
    left: Math.min(a[0], b[0]),
    right: Math.max(a[0], b[0]),
    top: isStripe ? -Infinity : Math.min(a[1], b[1]),
    bottom: isStripe ? Infinity : Math.max(a[1], b[1]),
  };
}

/** Corners of a mark on the screen: one of a point, two of a block. */
export type PlaceOf = (mark: ViewMark) => readonly (readonly [number, number])[];

export function rowsInArea(marks: readonly ViewMark[], area: Area, placeOf: PlaceOf): ReadonlySet<number> {
  const rows = new Set<number>();
  for (const mark of marks) {
    if (mark.rows.length > 0 && isInside(placeOf(mark), area)) for (const row of mark.rows) rows.add(row);
  }
  return rows;
}

function isInside(corners: readonly (readonly [number, number])[], { left, right, top, bottom }: Area): boolean {
  if (corners.length === 0) return false;
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return Math.max(...xs) >= left && Math.min(...xs) <= right && Math.max(...ys) >= top && Math.min(...ys) <= bottom;
}
