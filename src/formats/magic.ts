/** Magic numbers: fixed bytes by which files are recognised. */

/** Whether these bytes, given as a text of characters below 256, stand at `offset`. */
export function hasMagic(head: Uint8Array, offset: number, magic: string): boolean {
  for (let index = 0; index < magic.length; index += 1) {
    if (head[offset + index] !== magic.charCodeAt(index)) return false;
  }
  return true;
}
