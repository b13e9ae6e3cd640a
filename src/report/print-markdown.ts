/** Blocks as GitHub-flavoured Markdown. Everything foreign is quoted so that it can neither act nor break out. */
import { markdownTable } from 'markdown-table';
import { visibleLines, visibleName, visibleSentence } from './inert.ts';
import type { Block, Picture, Table } from './page.ts';
import type { Phrase } from './phrase.ts';
import { textWidth } from './text-width.ts';

const alignments = { left: 'l', right: 'r', center: 'c' } as const;

/** Ends without a line break. */
export function printMarkdown(blocks: readonly Block[]): string {
  return blocks.map(printBlock).join('\n\n');
}

function printBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${printPhrase(block.words)}`;
    case 'paragraph':
      return printPhrase(block.words);
    case 'list':
      return block.items.map((item) => `- ${printPhrase(item)}`).join('\n');
    case 'table':
      return printTable(block.table);
    case 'code':
      return printCode(block.language, visibleLines(block.text));
    case 'picture':
      return printPicture(block.picture);
    case 'details':
      return `<details><summary>${printSummary(block.summary)}</summary>\n\n${printMarkdown(block.blocks)}\n\n</details>`;
  }
}

export function printPhrase(phrase: Phrase): string {
  return glue(
    phrase.map((part) => {
      if (typeof part === 'string') return escapeMarkdown(part);
      if ('name' in part) return link(codeSpan(visibleName(part.name, part.longest)), part.address);
      return 'strong' in part ? link(`**${escapeMarkdown(part.strong)}**`, part.address) : quoteSentence(part.said);
    }),
  );
}

/** A paragraph that began with `[…]:` would be the definition of a reference, and shown nowhere: no link then. */
function link(text: string, address: string | undefined): string {
  return address === undefined || text.includes(']:') ? text : `[${text}](${address})`;
}

/** Two code spans must not touch: their fences would read as one and let the content out. */
function glue(parts: readonly string[]): string {
  return parts.reduce(
    (line, part) => (line.endsWith('`') && part.startsWith('`') ? `${line} ${part}` : line + part),
    '',
  );
}

/** A name in a code span, whose content GitHub neither links nor formats; a `|` would end the table's cell even there. */
function codeSpan(name: string): string {
  const content = name.replaceAll('|', '¦');
  const longestRun = Math.max(0, ...Array.from(content.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longestRun + 1);
  const padding = content.startsWith('`') || content.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${content}${padding}${fence}`;
}

/** The program's own words: every character means itself. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_~<>[\]|]/g, '\\$&');
}

/** Words of which GitHub makes nothing: no mention, reference, link, emoji code or commit. */
const plainWord = /^[\p{L}\p{N}.,;:()=+\-−–→×±%/'"…?!²³]+$/u;
const actsOnGitHub = /www\.|:\/\/|GH-\d|:[\w+-]+:|\b[\da-f]{7,40}\b/iu;

/** At the beginning of a line these would start a list or draw a rule. */
const listMarker = /^([-+=]+|\d+[.)])$/;

/** Prose stays prose word by word; words that could act, and what stood between backticks, become code. */
function quoteSentence(sentence: string): string {
  const parts = visibleSentence(sentence).split(/`([^`]+)`/);
  return glue(parts.map((part, index) => (index % 2 === 1 ? codeSpan(part) : quoteProse(part, index === 0))));
}

function quoteProse(prose: string, opens: boolean): string {
  return prose
    .split(' ')
    .map((word, index) => {
      if (word === '') return '';
      const harmless = plainWord.test(word) && !actsOnGitHub.test(word);
      const startsList = opens && index === 0 && listMarker.test(word);
      return harmless && !startsList ? word : codeSpan(word);
    })
    .join(' ');
}

function printTable({ columns, rows }: Table): string {
  const header = columns.map(({ title }) => escapeMarkdown(title));
  const cells = rows.map((row) =>
    row.map((cell, index) => {
      const text = printPhrase(cell);
      return columns[index]?.unbroken === true ? text.replaceAll(' ', '\u00a0') : text;
    }),
  );
  return markdownTable([header, ...cells], {
    align: columns.map(({ align }) => alignments[align]),
    alignDelimiters: false,
    padding: true,
    stringLength: textWidth,
  });
}

function printCode(language: string, text: string): string {
  const longestRun = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longestRun + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** GitHub shows the picture of the reader's theme. */
function printPicture({ altText, light, dark }: Picture): string {
  const image = `<img alt="${escapeHtml(visibleSentence(altText))}" src="${escapeHtml(light)}">`;
  if (dark === undefined) return `<picture>\n${image}\n</picture>`;
  return `<picture>\n<source media="(prefers-color-scheme: dark)" srcset="${escapeHtml(dark)}">\n${image}\n</picture>`;
}

/** Inside a tag Markdown is not read: names are set as HTML code. */
function printSummary(phrase: Phrase): string {
  return phrase
    .map((part) => {
      if (typeof part === 'string') return escapeHtml(part);
      if ('name' in part) return `<code>${escapeHtml(visibleName(part.name, part.longest))}</code>`;
      return 'strong' in part
        ? `<b>${escapeHtml(part.strong)}</b>`
        : `<code>${escapeHtml(visibleSentence(part.said))}</code>`;
    })
    .join('');
}

/** No character of the result means anything to HTML or to the Markdown around it. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`*_~[\]|\\]/g, (character) => `&#${character.codePointAt(0)!};`);
}
