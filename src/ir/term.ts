/** Terms of a polynomial over symbols. */
export interface Term {
  readonly coefficient: number;
  readonly factors: readonly string[];
}

export function multiplyTerms(a: Term, b: Term): Term {
  return { coefficient: a.coefficient * b.coefficient, factors: [...a.factors, ...b.factors].sort() };
}

/** Undefined where it does not divide. */
export function divideTerm(term: Term, by: Term): Term | undefined {
  const coefficient = term.coefficient / by.coefficient;
  if (!Number.isInteger(coefficient)) return undefined;
  const factors = [...term.factors];
  for (const factor of by.factors) {
    const index = factors.indexOf(factor);
    if (index < 0) return undefined;
    factors.splice(index, 1);
  }
  return { coefficient, factors };
}

/** The largest number of factors of one term. */
export function widest(terms: readonly Term[]): number {
  return Math.max(0, ...terms.map(({ factors }) => factors.length));
}

export function printTerm({ coefficient, factors }: Term, first: boolean): string {
  const sign = coefficient < 0 ? '-' : first ? '' : '+';
  const size = Math.abs(coefficient);
  if (factors.length === 0) return `${sign}${size}`;
  return `${sign}${size === 1 ? '' : `${size}*`}${factors.join('*')}`;
}
