/** Records that are alike: texts that are equal for them, keys under which a result is remembered, and the question itself. */

/** All fields of a record, so that none can be forgotten. */
export type Fields<T> = Readonly<Record<keyof T, true>>;

/** Prints the fields of flat records of numbers and words without blanks. */
export function printerOf<T extends object>(fields: Fields<T>): (record: T) => string {
  const names = Object.keys(fields) as (keyof T)[];
  const [first, ...others] = names;
  return (record) => {
    let text = first === undefined ? '' : String(record[first]);
    for (const name of others) text += ` ${String(record[name])}`;
    return text;
  };
}

/** Compares the fields of flat records: quicker than printing both. */
export function comparerOf<T extends object>(fields: Fields<T>): (one: T, other: T) => boolean {
  const names = Object.keys(fields) as (keyof T)[];
  return (one, other) => {
    for (const name of names) if (one[name] !== other[name]) return false;
    return true;
  };
}

/** True for lists of records that are alike one by one. */
export function areListsAlike<T>(
  one: readonly T[],
  other: readonly T[],
  areAlike: (one: T, other: T) => boolean,
): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (!areAlike(one[index]!, other[index]!)) return false;
  return true;
}
