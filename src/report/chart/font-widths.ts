import { fittingPath } from '../path-parts.ts';

/**
 * Advance widths of DejaVu Sans 2.37 in thousandths of the font size (its `hmtx` table), so that charts are laid out the
 * same everywhere without reading the font.
 */
const fromSpaceToTilde = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
  636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
  748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
  615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
  337, 636, 838,
];

/** Characters that the font has not are drawn as a box of this width at most; few letters are wider. */
const other = 1025;

/** Of the font that charts are laid out for. */
export const fontName = 'DejaVu Sans';

/** Verdana has the same widths. */
export const fontFamily = `${fontName}, Verdana, sans-serif`;

/** Width in pixels. */
export function textPixels(text: string, fontSize: number): number {
  let thousandths = 0;
  for (const character of text) thousandths += fromSpaceToTilde[character.codePointAt(0)! - 32] ?? other;
  return (thousandths / 1000) * fontSize;
}

/** A name of a layer by the parts of its path that tell most, in at most `pixels`. */
export function fitName(name: string, pixels: number, fontSize: number): string {
  return fittingPath(name, (text) => textPixels(text, fontSize) <= pixels) ?? fitPixels(name, pixels, fontSize);
}

/** The text, or its end behind an ellipsis. */
export function fitEnd(text: string, pixels: number, fontSize: number): string {
  const characters = Array.from(text);
  for (let left = 0; left < characters.length; left++) {
    const end = `${left === 0 ? '' : '…'}${characters.slice(left).join('')}`;
    if (textPixels(end, fontSize) <= pixels) return end;
  }
  return '…';
}

/** The text, or both its ends around an ellipsis, in at most `pixels`. */
export function fitPixels(text: string, pixels: number, fontSize: number): string {
  if (textPixels(text, fontSize) <= pixels) return text;
  const characters = Array.from(text);
  for (let kept = characters.length - 1; kept > 0; kept--) {
    const front = Math.ceil(kept / 2);
    const back = kept - front;
    const short = `${characters.slice(0, front).join('')}…${back === 0 ? '' : characters.slice(-back).join('')}`;
    if (textPixels(short, fontSize) <= pixels) return short;
  }
  return '…';
}
