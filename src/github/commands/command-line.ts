/** Where in a comment the command is. */

const names = ['simulate', 'optimize', 'budget', 'model-budget'];
const command = new RegExp(`^/(?:${names.join('|')})(?=\\s|$)`);

/** A line of a comment that is spoken to this program. */
export interface CommandLine {
  /** With its slash, without the space around it. */
  readonly text: string;
}

/**
 * The first line that begins with a command, outside of quotes, of code and of HTML comments: what somebody cites, shows or hides is not
 * said. Null: the comment is not for this program.
 */
export function commandLineIn(body: string): CommandLine | null {
  let fence: string | null = null;
  for (const line of withoutHtmlComments(body).split(/\r\n|\n|\r/)) {
    const [, marks = null] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence === null ? marks !== null : closes(line, fence)) fence = fence === null ? marks : null;
    else if (fence === null && command.test(line.trimEnd())) return { text: line.trim() };
  }
  return null;
}

/** CommonMark: the same mark, at least as often, and nothing else on its line. */
function closes(line: string, fence: string): boolean {
  const marks = line.trim();
  return marks.length >= fence.length && marks === fence.charAt(0).repeat(marks.length);
}

function withoutHtmlComments(body: string): string {
  return body.replace(/<!--[^]*?(?:-->|$)/g, '');
}
