/** Names of layers are paths in which most parts are alike from line to line: which parts tell them apart. */

/** The last parts say what a layer is; numbers which of its like; the others where that is. */
type Weight = 'kind' | 'number' | 'place';

interface PathPart {
  /** With the slash before it, so that all parts in a row are the name. */
  readonly text: string;
  readonly weight: Weight;
}

/** One or more parts next to one another. */
export interface Stretch {
  readonly text: string;
  /** Else an ellipsis stands for it. */
  readonly isShown: boolean;
}

/** Deeper paths are those of generated names, which no reader goes through part by part. */
const mostParts = 24;

/**
 * `/encoder/layer.3/attention/self/query/MatMul` as `…/layer.3/…/query/MatMul`: the parts that tell most, as many as fit.
 * Undefined where hardly any do.
 */
export function fittingStretches(name: string, fits: (text: string) => boolean): readonly Stretch[] | undefined {
  if (fits(name)) return [{ text: name, isShown: true }];
  const [two, one] = [2, 1].map((kinds) => fittingParts(partsOf(name, kinds), fits));
  // Which of its like a layer is comes before more of what it is.
  return two === undefined || (one !== undefined && !hasNumber(two) && hasNumber(one)) ? one : two;
}

/** In what is shown before the end. */
function hasNumber(stretches: readonly Stretch[]): boolean {
  return stretches.slice(0, -1).some(({ text, isShown }) => isShown && /\d/.test(text));
}

function fittingParts(parts: readonly PathPart[], fits: (text: string) => boolean): readonly Stretch[] | undefined {
  const indices = (weight: Weight) => parts.flatMap((part, index) => (part.weight === weight ? [index] : []));
  const shown = new Set(indices('kind'));
  const stretches = () => joined(parts.map(({ text }, index) => ({ text, isShown: shown.has(index) })));
  if (shown.size === 0 || !fits(printed(stretches()))) return undefined;
  // Numbers from the front, then places from the end: the nearest first.
  for (const index of [...indices('number'), ...indices('place').toReversed()]) {
    shown.add(index);
    if (!fits(printed(stretches()))) shown.delete(index);
  }
  // `…/Conv` alone tells less than both ends of the name do.
  return shown.size < 2 ? undefined : stretches();
}

export function fittingPath(name: string, fits: (text: string) => boolean): string | undefined {
  const stretches = fittingStretches(name, fits);
  return stretches && printed(stretches);
}

function printed(stretches: readonly Stretch[]): string {
  return stretches.map(({ text, isShown }, index) => (isShown ? text : ellipsisAt(index))).join('');
}

export function ellipsisAt(index: number): string {
  return index === 0 ? '…' : '/…';
}

function partsOf(name: string, kindParts: number): readonly PathPart[] {
  const texts = name.match(/\/*[^/]+\/*$|\/*[^/]+/g) ?? [];
  if (texts.length > mostParts || texts.join('') !== name) return [];
  const kinds = texts.length - kindParts;
  return texts.map((text, index) => {
    if (index >= kinds) return { text, weight: 'kind' };
    return { text, weight: tellsWhich(text, texts[index + 1]!) ? 'number' : 'place' };
  });
}

/** `block.0` in front of `block.0.1` says nothing that the next part does not. */
function tellsWhich(text: string, next: string): boolean {
  return /\d/.test(text) && !next.startsWith(`${text}.`);
}

function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const all: Stretch[] = [];
  for (const stretch of stretches) {
    const last = all.at(-1);
    if (last?.isShown === stretch.isShown) all[all.length - 1] = { ...last, text: last.text + stretch.text };
    else all.push(stretch);
  }
  return all;
}
