/** Base64 (RFC 4648, section 4), which the language itself does not know. */
import { InvariantError } from '../../errors.ts';

const alphabet = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const padding = '='.charCodeAt(0);
const valueOf = new Map(Array.from(alphabet, (character, value) => [character, value]));

export function base64(bytes: Uint8Array): string {
  const characters = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let index = 0, at = 0; index < bytes.length; index += 3, at += 4) {
    const bits = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    for (let sextet = 0; sextet < 4; sextet += 1) characters[at + sextet] = alphabet[(bits >> (18 - 6 * sextet)) & 63]!;
  }
  characters.fill(padding, characters.length - ((3 - (bytes.length % 3)) % 3));
  return new TextDecoder().decode(characters);
}

export function bytesOfBase64(text: string): Uint8Array {
  const length = text.replace(/=+$/, '').length;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let bits = 0;
  let at = 0;
  for (let index = 0; index < length; index += 1) {
    const value = valueOf.get(text.charCodeAt(index));
    if (value === undefined) throw new InvariantError('not base64');
    bits = ((bits << 6) | value) & 0xffffff;
    if (index % 4 > 0) bytes[at++] = (bits >> (6 - 2 * (index % 4))) & 0xff;
  }
  return bytes;
}
