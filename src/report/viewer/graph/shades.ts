/** Colours as steps of a scale; the style sheet says what each step looks like in light and in dark. */

export const shadeSteps = 7;
/** On each side of `no change`. */
export const turnSteps = 3;

/** `shade-0` to `shade-6`, for 0 to the largest. */
export function shadeOf(value: number, largest: number): string {
  if (Number.isNaN(value) || largest <= 0) return 'shade-none';
  const step = Math.ceil((Math.max(0, value) / largest) * shadeSteps) - 1;
  return `shade-${Math.min(shadeSteps - 1, Math.max(0, step))}`;
}

/** `turn-less-3` to `turn-0` to `turn-more-3`; whatever changed at all is off the middle. */
export function turnOf(change: number, largest: number): string {
  if (Number.isNaN(change)) return 'shade-none';
  if (change === 0 || largest <= 0) return 'turn-0';
  const step = Math.min(turnSteps, Math.max(1, Math.ceil((Math.abs(change) / largest) * turnSteps)));
  return `turn-${change > 0 ? 'more' : 'less'}-${step}`;
}
