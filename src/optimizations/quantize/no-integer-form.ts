import type { Node } from '../../ir/graph.ts';

/** The reason why an operator stays in floats wherever it stands. */
export function noIntegerForm({ operator, domain }: Node): string {
  return `\`${domain === '' ? operator : `${domain}.${operator}`}\` has no integer form`;
}
