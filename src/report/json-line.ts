/**
 * Controls beyond ASCII, which some terminals obey, and characters that turn or hide text. JSON.stringify leaves them as
 * they are; ASCII's own controls it escapes.
 */
const unseen = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A document on one line, as a terminal may show it: every name of a file in it is the same when it is parsed. */
export function jsonLine(document: unknown): string {
  return JSON.stringify(document).replace(
    unseen,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
