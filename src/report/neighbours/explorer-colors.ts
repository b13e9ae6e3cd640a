/** Colours of nodes in Model Explorer, told apart by people who do not see all colours: blue, white and orange. */

/** From the least to the most of a figure. */
export const heat = [
  { stop: 0, bgColor: '#ffffff' },
  { stop: 1, bgColor: '#d95f02' },
] as const;

type Rgb = readonly [number, number, number];

const white: Rgb = [255, 255, 255];
const more: Rgb = [217, 95, 2];
const less: Rgb = [33, 102, 172];

/** White for nothing, orange for more and blue for less; `most` is the largest change in either direction. */
export function changeColor(value: number, most: number): string {
  const share = most === 0 ? 0 : Math.abs(value) / most;
  const full = value > 0 ? more : less;
  const parts = white.map((from, index) => Math.round(from + (full[index]! - from) * share));
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** Light enough for dark text. */
const wordColors = ['#a6cee3', '#fdbf6f', '#cab2d6', '#b2df8a', '#fb9a99', '#ffff99', '#d9d9d9'] as const;

/** In the order of the alphabet, so that base and head have the same where they have the same words. */
export function colorsOfWords(words: readonly string[]): ReadonlyMap<string, string> {
  const all = [...new Set(words)].sort((a, b) => (a < b ? -1 : 1));
  return new Map(all.map((word, index) => [word, wordColors[index % wordColors.length]!]));
}
