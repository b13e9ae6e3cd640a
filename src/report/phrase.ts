/** A sentence in parts that keep apart who wrote them, so that every printer can quote what is not ours. */

/** From outside: a path, a layer, an operator, a ref. Printed as code. */
interface Name {
  readonly name: string;
  /** Characters that are kept of it. */
  readonly longest: number;
  /** Where it leads, in forms that have links; percent-encoded by who made it. */
  readonly address?: string;
}

/** From outside: a sentence that may hold foreign names between backticks. Printed as prose where that is safe. */
interface Said {
  readonly said: string;
}

interface Strong {
  readonly strong: string;
  /** Where it leads, as of a name. */
  readonly address?: string;
}

/** Plain and strong strings are the program's own words, without any markup. */
export type Phrase = readonly (string | Strong | Name | Said)[];

export function named(name: string, longest = 80): Name {
  return { name, longest };
}

export function linked(name: string, longest: number, address: string): Name {
  return { name, longest, address };
}

export function said(sentence: string): Said {
  return { said: sentence };
}

export function strong(words: string): Strong {
  return { strong: words };
}

/** Phrases one after another with `separator` between those that say something. */
export function joined(phrases: readonly Phrase[], separator: string): Phrase {
  const saying = phrases.filter((phrase) => phrase.length > 0);
  return saying.flatMap((phrase, index) => (index === 0 ? phrase : [separator, ...phrase]));
}
