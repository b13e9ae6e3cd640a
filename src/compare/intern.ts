/**
 * Numbers for texts: equal texts get equal numbers. One interner serves both sides of a comparison, so equality of
 * content is equality of numbers, exactly, without the collisions that a hash would have.
 */
export type Intern = (text: string) => number;

export function interner(): Intern {
  const numbers = new Map<string, number>();
  return (text) => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
}
