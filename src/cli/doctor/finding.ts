/** What `doctor` has to say, one thing at a time. */

export interface Finding {
  /** What was looked at; the same in every version. */
  readonly id: string;
  /** `error`: something will not work; `unknown`: it could not be asked. */
  readonly level: 'error' | 'warning' | 'ok' | 'unknown';
  /** One line; names from files in backticks. */
  readonly message: string;
  /** To add to the file that the message names, or to run. */
  readonly lines?: readonly string[];
}

/** The JSON of `model-budget doctor`. */
export interface DoctorDocument {
  readonly schema: 'model-budget/doctor@1';
  readonly findings: readonly Finding[];
}

type Level = Finding['level'];

export function finding(id: string, level: Level, message: string, lines?: readonly string[]): Finding {
  return { id, level, message, ...(lines === undefined ? {} : { lines }) };
}

const order: readonly Level[] = ['error', 'warning', 'unknown', 'ok'];

/** Worst first, else in the order in which it was looked. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

/** As code in a message. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', "'")}\``;
}
