/** A sentence of the report: foreign names are set apart, isolated from the direction of the text around them. */
import type { Phrase } from '../../phrase.ts';

export function Words({ phrase }: { readonly phrase: Phrase }) {
  return <>{phrase.map(part)}</>;
}

function part(one: Phrase[number], key: number) {
  if (typeof one === 'string') return one;
  if ('strong' in one) return <strong key={key}>{one.strong}</strong>;
  if ('said' in one) return <bdi key={key}>{one.said}</bdi>;
  return (
    <code key={key}>
      <bdi>{one.name}</bdi>
    </code>
  );
}
