/** What a report says, before it is Markdown or plain text. */
import type { Phrase } from './phrase.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right' | 'center';
  /** A number stays beside its unit, however narrow other columns make this one. */
  readonly unbroken?: true;
}

/** Every row has one cell for each column. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Phrase[])[];
}

export interface Picture {
  readonly altText: string;
  readonly light: string;
  readonly dark?: string;
}

export type Block =
  | { readonly kind: 'heading'; readonly level: 3 | 4; readonly words: Phrase }
  | { readonly kind: 'paragraph'; readonly words: Phrase }
  | { readonly kind: 'list'; readonly items: readonly Phrase[] }
  | { readonly kind: 'table'; readonly table: Table }
  /** `language` tells GitHub how to draw it; `text` may be foreign. */
  | {
      readonly kind: 'code';
      readonly language: '' | 'json' | 'mermaid' | 'sh' | 'text' | 'yaml';
      readonly text: string;
    }
  | { readonly kind: 'picture'; readonly picture: Picture }
  | { readonly kind: 'details'; readonly summary: Phrase; readonly blocks: readonly Block[] };

export function heading(level: 3 | 4, words: Phrase): Block {
  return { kind: 'heading', level, words };
}

export function paragraph(...words: Phrase): Block {
  return { kind: 'paragraph', words };
}

export function list(items: readonly Phrase[]): Block {
  return { kind: 'list', items };
}

/** Titles of columns of numbers begin with `>` (`>>`: unbroken), of symbols with `^`: `['layer', '>latency', '^verdict']`. */
export function table(titles: readonly string[], rows: readonly (readonly Phrase[])[]): Block {
  return { kind: 'table', table: { columns: titles.map(column), rows } };
}

function column(title: string): Column {
  if (title.startsWith('>>')) return { title: title.slice(2), align: 'right', unbroken: true };
  if (title.startsWith('>')) return { title: title.slice(1), align: 'right' };
  if (title.startsWith('^')) return { title: title.slice(1), align: 'center' };
  return { title, align: 'left' };
}

export function details(summary: Phrase, blocks: readonly Block[]): Block {
  return { kind: 'details', summary, blocks };
}

export function code(language: '' | 'json' | 'mermaid' | 'sh' | 'text' | 'yaml', text: string): Block {
  return { kind: 'code', language, text };
}
