/** The line of code that made a row, linked where the repository has an address. */
import { additiveMetrics, type DiffRow } from '../compare/comparison.ts';
import { linked, named, type Phrase } from './phrase.ts';
import type { Report } from './report.ts';

/** The address of a `path:line`; undefined: it has none. */
export type SourceAddress = (source: string) => string | undefined;

export const noAddress: SourceAddress = () => undefined;

/** Characters of a path that are shown. */
const longestSource = 60;

/** Longer addresses would eat up the comment. */
const longestAddress = 600;

/** @param repository `https://github.com/owner/name`, where the head's commit can be seen */
export function sourceAddress({ head }: Report, repository: string | undefined): SourceAddress {
  if (repository === undefined || head.sha === null) return noAddress;
  return (source) => {
    const { path, line } = splitSource(source);
    const address = `${repository}/blob/${head.sha}/${encodedPath(path)}#L${line}`;
    return address.length > longestAddress ? undefined : address;
  };
}

/** `line` from 1. */
export function splitSource(source: string): { readonly path: string; readonly line: number } {
  const colon = source.lastIndexOf(':');
  return { path: source.slice(0, colon), line: Number(source.slice(colon + 1)) };
}

/** As a part of an address, its slashes kept. */
export function encodedPath(path: string): string {
  return path.split('/').map(encoded).join('/');
}

/** No character of it means anything to Markdown or HTML; halves of characters become marks of their own. */
function encoded(folder: string): string {
  return encodeURIComponent(folder.replace(/\p{Cs}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Of rows that are told as one, the source that they share; nothing where none of them changed. */
export function sourcePhrase(rows: readonly DiffRow[], addressOf: SourceAddress): Phrase {
  const [first, ...others] = new Set(rows.map(({ source }) => source));
  if (first === undefined || others.length > 0 || !rows.some(isChanged)) return [];
  const address = addressOf(first);
  return [address === undefined ? named(first, longestSource) : linked(first, longestSource, address)];
}

/** Rows that are told in the comment, and worth asking for the files of the head. */
export function isChanged({ match, changes, delta }: DiffRow): boolean {
  return match.status === 'added' || changes.length > 0 || additiveMetrics.some((metric) => delta[metric] !== 0);
}
