/** Texts that are equal for records that are alike: keys under which a result is remembered. */

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
