/** Where in a comment the command is. */
import { nearMiss } from '../../near-miss.ts';

/** Words that a command begins with. */
export const firstWords: readonly string[] = ['simulate', 'optimize', 'budget', 'model-budget'];

const command = new RegExp(`^ {0,3}/(?:${firstWords.join('|')})(?=\\s|$)`, 'i');

/** A line of a comment that is spoken to this program. */
export interface CommandLine {
  /** With its slash, without the space around it. */
  readonly text: string;
  /** The first word that was probably meant, where it is none of ours: only a comment that begins like that may be for us. */
  readonly meant?: string;
}

/**
 * The first line that begins with a command, outside of quotes, of code and of HTML comments: what somebody cites, shows or hides is not
 * said. A comment that is nothing but one line between back-ticks was copied from a page that shows it so. Null: the comment is not for
 * this program.
 */
export function commandLineIn(body: string): CommandLine | null {
  const lines = spokenLines(body);
  const found = lines.find((line) => command.test(line));
  if (found !== undefined) return { text: found.trim() };
  const [first = ''] = lines.filter((line) => line.trim() !== '');
  const meant = misspelt(first);
  return meant === undefined ? null : { text: first.trim(), meant };
}

/** Words of other programs are often near: one slip is a slip; two, or one that makes ours longer (`/optimizer`), are another word. */
function misspelt(line: string): string | undefined {
  const [, word] = /^ {0,3}\/([\w-]+)(?=\s|$)/.exec(line) ?? [];
  const near = word === undefined ? undefined : nearMiss(word, firstWords, 1);
  return near === undefined || word?.toLowerCase().startsWith(near) === true ? undefined : near;
}

/** The lines that are no code, in which no HTML comment is left. */
function spokenLines(body: string): readonly string[] {
  const [, bare = body] = /^\s*`([^`\n\r]+)`\s*$/.exec(body) ?? [];
  const spoken: string[] = [];
  let fence: string | null = null;
  let hidden = false;
  for (const line of bare.split(/\r\n|\n|\r/)) {
    const [, marks = null] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence !== null) fence = closes(line, fence) ? null : fence;
    else if (!hidden && marks !== null) fence = marks;
    else {
      const rest = withoutComments(line, hidden);
      spoken.push(rest.text);
      hidden = rest.hidden;
    }
  }
  return spoken;
}

/** CommonMark: the same mark, at least as often, and nothing else on its line. */
function closes(line: string, fence: string): boolean {
  const marks = line.trim();
  return marks.length >= fence.length && marks === fence.charAt(0).repeat(marks.length);
}

/** `hidden`: an HTML comment is open, before the line and behind it. */
function withoutComments(line: string, hidden: boolean): { readonly text: string; readonly hidden: boolean } {
  const end = hidden ? line.indexOf('-->') : 0;
  if (end < 0) return { text: '', hidden: true };
  const shown = (hidden ? line.slice(end + 3) : line).replace(/<!--.*?-->/g, '');
  const begin = shown.indexOf('<!--');
  return begin < 0 ? { text: shown, hidden: false } : { text: shown.slice(0, begin), hidden: true };
}
