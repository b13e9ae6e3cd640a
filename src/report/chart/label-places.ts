/** Where the names of points go so that they hide neither points nor one another. */

export interface Spot {
  /** Centre, in pixels from the left and the top of the picture. */
  readonly x: number;
  readonly y: number;
  readonly diameter: number;
}

export interface Labelled extends Spot {
  /** Pixels that the text takes. */
  readonly textWidth: number;
}

export type Side = 'top' | 'bottom' | 'left' | 'right';

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const sides: readonly Side[] = ['top', 'bottom', 'right', 'left'];
const gap = 5;
const textHeight = 18;

/**
 * A side for each label, the first ones choosing first. Undefined: on every side it would leave `area`, or hide a spot or
 * another label, so it is better left out. Only the first label, which matters most, may hide spots: the fewest.
 */
export function placeLabels(
  labels: readonly Labelled[],
  spots: readonly Spot[],
  area: Box,
): readonly (Side | undefined)[] {
  const obstacles = spots.map(boxOf);
  const taken: Box[] = [];
  return labels.map((label, index) => {
    const free = sides
      .map((side) => ({ side, box: textBox(label, side) }))
      .filter(({ box }) => isInside(box, area) && !taken.some((other) => overlap(box, other)))
      .map(({ side, box }) => ({ side, box, hidden: obstacles.filter((spot) => overlap(box, spot)).length }))
      .filter(({ hidden }) => hidden === 0 || index === 0);
    const [best] = free.toSorted((a, b) => a.hidden - b.hidden);
    if (best !== undefined) taken.push(best.box);
    return best?.side;
  });
}

function boxOf({ x, y, diameter }: Spot): Box {
  const radius = diameter / 2;
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

function textBox({ textWidth, ...spot }: Labelled, side: Side): Box {
  const { x, y } = spot;
  const around = boxOf(spot);
  const [middle, half] = [{ top: y - textHeight / 2, bottom: y + textHeight / 2 }, textWidth / 2];
  const centred = { left: x - half, right: x + half };
  switch (side) {
    case 'top':
      return { ...centred, top: around.top - gap - textHeight, bottom: around.top - gap };
    case 'bottom':
      return { ...centred, top: around.bottom + gap, bottom: around.bottom + gap + textHeight };
    case 'left':
      return { ...middle, left: around.left - gap - textWidth, right: around.left - gap };
    case 'right':
      return { ...middle, left: around.right + gap, right: around.right + gap + textWidth };
  }
}

function isInside(box: Box, area: Box): boolean {
  return box.left >= area.left && box.right <= area.right && box.top >= area.top && box.bottom <= area.bottom;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
