/** Texts from files as YAML that a person may edit: on one line, and nothing in them can end it. */
import { jsonLine } from '../report/json-line.ts';
import type { UnboundDimension } from '../passes/prepared.ts';

/** Plain where it can be read as nothing else, in single quotes where it is a glob, else as JSON, which YAML reads. */
export function yamlText(text: string): string {
  if (/^[A-Za-z_][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)) return text;
  return /^[\x20-\x7e]+$/.test(text) && !text.includes("'") ? `'${text}'` : jsonLine(text);
}

/** More would be a page of comments. */
const mostNames = 8;

/** Keys of a model entry that give its open dimensions a value; 1 stands for the one that only its user knows. */
export function dimensionLines(unbound: readonly UnboundDimension[]): readonly string[] {
  const symbols = [...new Set(unbound.map(({ symbol }) => symbol))].filter((symbol) => symbol !== '');
  const unnamed = new Map(unbound.flatMap(({ symbol, input, declared }) => (symbol === '' ? [[input, declared]] : [])));
  const dims = symbols.slice(0, mostNames).map((symbol) => `${yamlText(symbol)}: 1`);
  const inputs = [...unnamed]
    .slice(0, mostNames)
    .map(([input, declared]) => `${yamlText(input)}: ${shapeOf(declared)}`);
  return [
    ...(dims.length === 0 ? [] : [`dims: { ${dims.join(', ')} }`]),
    ...(inputs.length === 0 ? [] : [`inputs: { ${inputs.join(', ')} }`]),
  ];
}

/** `batch x 3 x ?` as a shape with a place for every length. */
function shapeOf(declared: string): string {
  return declared
    .split(' x ')
    .map((length) => (/^\d+$/.test(length) ? length : '1'))
    .join('x');
}

/** Flags that give the same on the command line. */
export function dimensionFlags(unbound: readonly UnboundDimension[]): string {
  const flags = unbound.map(({ symbol, input }) =>
    symbol === '' ? `--input ${quoted(`${input}=…x…`)}` : `--dim ${quoted(`${symbol}=…`)}`,
  );
  return [...new Set(flags)].slice(0, mostNames).join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
