/**
 * Text from model files, paths and branches is hostile. It is made harmless in two steps: what cannot be seen, or moves
 * what can, goes here; the printers then quote what is left in their own way.
 */

/** Controls, bidirectional overrides, zero-width and other invisible characters, line ends, lone surrogates. */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/gu;

/** More accents than this on one letter grow into the lines above and below. */
const stackedMarks = /(\p{M}{3})\p{M}+/gu;

const longestSentence = 400;

/** Longer input is cut before any other work on it. */
const longestInput = 4000;

/** A name as one visible line of at most `longest` characters, the middle left out. */
export function visibleName(text: string, longest: number): string {
  const line = visible(text);
  return line === '' ? '(unnamed)' : middleCut(line, longest);
}

export function visibleSentence(text: string): string {
  return middleCut(visible(text), longestSentence);
}

/** Keeps its lines and their indentation. */
export function visibleLines(text: string): string {
  return text
    .split(/\r\n|[\n\r]/)
    .map((line) => unmarked(line.replace(/\t/g, '    ')))
    .join('\n');
}

function visible(text: string): string {
  return unmarked(middleCut(text, longestInput).replace(/\s+/gu, ' ').trim());
}

/**
 * Only characters that can be seen. What opens or closes an HTML comment is broken apart, so that no name can forge the
 * marker by which a comment is recognised; so is what a CI runner reads as a command in a log.
 */
function unmarked(line: string): string {
  return line
    .replace(unseen, '\ufffd')
    .replace(stackedMarks, '$1')
    .replace(/<!--/g, '<!- -')
    .replace(/-->/g, '- ->')
    .replace(/##\[/g, '## [')
    .replace(/^(\s*):(?=:)/, '$1: ');
}

/** Both ends of a long text around an ellipsis; never between the halves of a character. */
export function middleCut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const characters = Array.from(withoutMiddle(text));
  if (characters.length <= longest) return characters.join('');
  const front = Math.ceil((longest - 1) / 2);
  const back = longest - 1 - front;
  return `${characters.slice(0, front).join('')}…${back === 0 ? '' : characters.slice(-back).join('')}`;
}

/** Megabytes of name are not split into characters to keep eighty of them. */
function withoutMiddle(text: string): string {
  return text.length <= 4 * longestInput ? text : text.slice(0, 2 * longestInput) + text.slice(-2 * longestInput);
}

/** A sentence without its closing full stop, to be joined with others. */
export function withoutFullStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
