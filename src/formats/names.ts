/**
 * Names as they stand in a file, each kept once: a tensor's name occurs where it is made and wherever it is read, and an
 * operator's thousands of times. Decoding one costs more than finding the string that it gave before.
 */

/** Longer ones hardly ever come twice. */
const longestShared = 96;

/** Names remembered at a time, so that a file of nothing but names costs no more than the names. */
const mostShared = 131_072;

/** By a hash of the bytes; of two names with one hash the later one is remembered. */
export type KnownNames = Map<number, string>;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 with wrong bytes replaced. */
export function decodeName(bytes: Uint8Array, known: KnownNames): string {
  if (bytes.length === 0) return '';
  if (bytes.length > longestShared) return decoder.decode(bytes);
  const hash = asciiHash(bytes);
  if (hash === undefined) return decoder.decode(bytes);
  const before = known.get(hash);
  if (before !== undefined && isText(before, bytes)) return before;
  if (known.size >= mostShared) known.clear();
  const text = Reflect.apply(String.fromCharCode, null, bytes) as string;
  known.set(hash, text);
  return text;
}

/** FNV-1a; undefined where a byte is not ASCII. */
function asciiHash(bytes: Uint8Array): number | undefined {
  let hash = 0x811c9dc5;
  for (const byte of bytes) {
    if (byte >= 0x80) return undefined;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash;
}

function isText(text: string, bytes: Uint8Array): boolean {
  if (text.length !== bytes.length) return false;
  for (let index = 0; index < bytes.length; index += 1) if (text.charCodeAt(index) !== bytes[index]) return false;
  return true;
}
