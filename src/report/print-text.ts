/** Blocks as plain text for a terminal: aligned columns, no escape codes. */
import { visibleLines, visibleName, visibleSentence } from './inert.ts';
import type { Block, Column, Table } from './page.ts';
import type { Phrase } from './phrase.ts';
import { padEnd, padStart, textWidth } from './text-width.ts';

/** Ends without a line break. */
export function printText(blocks: readonly Block[]): string {
  return blocks.map(printBlock).join('\n\n');
}

function printBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return printWords(block.words);
    case 'paragraph':
      return printWords(block.words);
    case 'list':
      return block.items.map((item) => `- ${printWords(item)}`).join('\n');
    case 'table':
      return printTable(block.table);
    case 'code':
      return indented(visibleLines(block.text));
    case 'picture':
      return visibleSentence(block.picture.altText);
    case 'details':
      return `${printWords(block.summary)}\n\n${printText(block.blocks)}`;
  }
}

export function printWords(phrase: Phrase): string {
  return phrase
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('name' in part) return visibleName(part.name, part.longest);
      return 'strong' in part ? part.strong : visibleSentence(part.said);
    })
    .join('');
}

function printTable({ columns, rows }: Table): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printWords))];
  // Not by Math.max(...): the rows of a long table are more than a call may have arguments.
  const widths = columns.map((_, index) => cells.reduce((most, row) => Math.max(most, textWidth(row[index]!)), 0));
  return cells
    .map((row) => `  ${row.map((cell, index) => pad(cell, widths[index]!, columns[index]!)).join('  ')}`.trimEnd())
    .join('\n');
}

function pad(cell: string, width: number, { align }: Column): string {
  if (align === 'right') return padStart(cell, width);
  if (align === 'left') return padEnd(cell, width);
  return padEnd(padStart(cell, Math.ceil((width + textWidth(cell)) / 2)), width);
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}
