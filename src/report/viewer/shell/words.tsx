/** A sentence of the report: foreign names are set apart, isolated from the direction of the text around them. */
import { visibleName, visibleSentence } from '../../inert.ts';
import type { Phrase } from '../../phrase.ts';
import { hasSign, TextWithSigns } from './verdict-sign.tsx';

export function Words({ phrase }: { readonly phrase: Phrase }) {
  return <>{phrase.map(part)}</>;
}

function part(one: Phrase[number], key: number) {
  if (typeof one === 'string') return hasSign(one) ? <TextWithSigns key={key} text={one} /> : one;
  if ('strong' in one) return <strong key={key}>{one.strong}</strong>;
  if ('said' in one) return <Said key={key} sentence={one.said} />;
  return <ForeignName key={key} {...one} />;
}

interface ForeignNameProps {
  readonly name: string;
  readonly longest: number;
  readonly address?: string;
}

/** Cut in the middle; the whole of it is in the title. */
export function ForeignName({ name, longest, address }: ForeignNameProps) {
  const shown = visibleName(name, longest);
  const code = (
    <code title={shown === name ? undefined : visibleName(name, longestTitle)}>
      <bdi>{shown}</bdi>
    </code>
  );
  return address === undefined ? code : <Outside address={address}>{code}</Outside>;
}

const longestTitle = 1000;

/** Addresses of a report lead to the web, or nowhere. */
export function Outside({
  address,
  children,
}: {
  readonly address: string;
  readonly children: preact.ComponentChildren;
}) {
  if (!/^https?:\/\//i.test(address)) return <>{children}</>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** Names stand between backticks in it. */
function Said({ sentence }: { readonly sentence: string }) {
  const parts = visibleSentence(sentence).split('`');
  const paired = parts.length % 2 === 1;
  return (
    <bdi>
      {parts.map((text, index) =>
        paired && index % 2 === 1 ? <code key={index}>{text}</code> : `${paired || index === 0 ? '' : '`'}${text}`,
      )}
    </bdi>
  );
}
