/** Base64 (RFC 4648, section 4), which the language itself does not know. */
import { InvariantError } from '../../errors.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const valueOf = new Map(Array.from(alphabet, (character, value) => [character.charCodeAt(0), value]));

export function base64(bytes: Uint8Array): string {
  const characters: string[] = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const [first, second, third] = [bytes[index]!, bytes[index + 1], bytes[index + 2]];
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    characters.push(
      alphabet.charAt(bits >> 18),
      alphabet.charAt((bits >> 12) & 63),
      second === undefined ? '=' : alphabet.charAt((bits >> 6) & 63),
      third === undefined ? '=' : alphabet.charAt(bits & 63),
    );
  }
  return characters.join('');
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
