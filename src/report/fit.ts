/**
 * Pieces of a page under a size limit. Finished Markdown is never cut: whole pieces go, the least important first, and
 * a line at the end says which.
 */
import { counted } from './headline.ts';
import { paragraph, type Block } from './page.ts';
import { printMarkdown } from './print-markdown.ts';

export interface SizeLimit {
  readonly limit: number;
  /** GitHub counts characters in comments and UTF-8 bytes in checks. Characters are counted as UTF-16 units, at most too many. */
  readonly unit: 'characters' | 'bytes';
  /** A sentence on where to find what had no room. */
  readonly elsewhere?: string;
}

export interface Piece {
  readonly blocks: readonly Block[];
  /** The lowest goes first; of equals the last. */
  readonly importance: number;
  /** What it is, for the line that says it is missing: `chart`, `table of all layers`. */
  readonly noun: string;
  /** A shorter form that is tried before the piece goes. */
  readonly shorter?: () => Piece | undefined;
}

interface Printed {
  readonly piece: Piece;
  readonly text: string;
}

const separator = '\n\n';

/** The page in at most `limit`, with a line break at its end; `headings` are tried in their order where nothing else fits. */
export function fit(headings: readonly Block[], pieces: readonly Piece[], limit: SizeLimit | undefined): string {
  const [heading, ...shorterHeadings] = headings.map((block) => printMarkdown([block]));
  const size = (text: string): number => (limit?.unit === 'bytes' ? utf8Bytes(text) : text.length);
  const room = limit?.limit ?? Infinity;
  const { elsewhere } = limit ?? {};
  const page = fitPieces(heading ?? '', pieces, { left: (text) => room - size(text), elsewhere });
  if (size(page) <= room) return page;
  return shorterHeadings.map((text) => `${text}\n`).find((text) => size(text) <= room) ?? '';
}

interface Room {
  /** How much a text leaves of it. */
  readonly left: (text: string) => number;
  readonly elsewhere: string | undefined;
}

function fitPieces(heading: string, pieces: readonly Piece[], { left, elsewhere }: Room): string {
  const missing = (nouns: readonly string[]) => missingLine(nouns, elsewhere);
  let kept = pieces.map(print);
  const dropped: string[] = [];
  const page = (): string => [heading, ...kept.map(({ text }) => text), ...missing(dropped)].join(separator) + '\n';
  const sizeOf = (text: string): number => -left(text) + left('');
  let overrun = -left(page());
  while (overrun > 0 && kept.length > 0) {
    const index = leastImportant(kept);
    const { piece, text } = kept[index]!;
    const shorter = piece.shorter?.();
    const before = sizeOf(missing(dropped).join(''));
    if (shorter === undefined) {
      dropped.push(piece.noun);
      kept = kept.filter((_, other) => other !== index);
      overrun -= sizeOf(text + separator);
    } else {
      const replacement = print(shorter);
      kept = kept.map((printed, other) => (other === index ? replacement : printed));
      overrun -= sizeOf(text) - sizeOf(replacement.text);
    }
    overrun += sizeOf(missing(dropped).join('')) - before + (dropped.length === 1 ? separator.length : 0);
  }
  return -left(page()) <= 0 ? page() : `${heading}\n`;
}

function print(piece: Piece): Printed {
  return { piece, text: printMarkdown(piece.blocks) };
}

function leastImportant(printed: readonly Printed[]): number {
  return printed.reduce(
    (least, { piece }, index) => (piece.importance <= printed[least]!.piece.importance ? index : least),
    0,
  );
}

function missingLine(nouns: readonly string[], elsewhere = 'The JSON report has everything.'): readonly string[] {
  if (nouns.length === 0) return [];
  const counts = new Map<string, number>();
  for (const noun of nouns) counts.set(noun, (counts.get(noun) ?? 0) + 1);
  const words = [...counts].map(([noun, count]) => counted(count, noun)).join(', ');
  return [printMarkdown([paragraph(`Left out to fit the size limit: ${words}. ${elsewhere}`)])];
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
