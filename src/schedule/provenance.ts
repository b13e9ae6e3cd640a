/**
 * Where the numbers of a target file come from. A number stands as `{ value, kind, source, sigma? }` in its place, or
 * bare in a block that says `kind` and `source` (and `sigma`) for all numbers inside it; the nearest block wins.
 */
import { UserError } from '../errors.ts';
import type { Located } from './located-yaml.ts';
import { isEntries } from './located-yaml.ts';
import { didYouMean } from '../near-miss.ts';
import type { Provenance } from './target.ts';

type Origin = Omit<Provenance, 'path' | 'value'>;

/** A tree like `Located` in which every number knows its origin and the keys that said so are gone. */
export interface Sourced extends Located {
  readonly content: string | number | boolean | null | ReadonlyMap<string, Sourced> | readonly Sourced[];
  readonly origin?: Origin;
}

/**
 * Relative standard deviation where a file gives none: clocks and sizes of data sheets are exact to within their
 * rounding, a fit is as good as its residuals (10% is typical of per-class rates), an estimate is a third off.
 */
const sigmaByKind = { datasheet: 0.01, measured: 0.05, fitted: 0.1, estimate: 0.3 } as const;

type Kind = keyof typeof sigmaByKind;

interface Block {
  readonly path: string;
  /** Long citations by key, from the top of the file. */
  readonly sources: ReadonlyMap<string, string>;
  readonly kind?: Kind;
  readonly source?: string;
  readonly sigma?: number;
}

/** @throws UserError with path and line for a number without kind and source. */
export function attribute(located: Located, path: string, sources: ReadonlyMap<string, string>): Sourced {
  return attributeIn(located, { path, sources });
}

function attributeIn(located: Located, block: Block): Sourced {
  const { line, content } = located;
  if (isEntries(content)) return attributeEntries(line, content, block);
  if (content instanceof Array) return { line, content: content.map((item) => attributeIn(item, block)) };
  if (typeof content !== 'number') return { line, content };
  return { line, content, origin: originOf(line, block) };
}

function attributeEntries(line: number, entries: ReadonlyMap<string, Located>, outer: Block): Sourced {
  const block = enter(entries, outer);
  const value = entries.get('value');
  if (value === undefined) {
    const kept = [...entries].filter(([key]) => key !== 'kind' && key !== 'source' && key !== 'sigma');
    return { line, content: new Map(kept.map(([key, entry]) => [key, attributeIn(entry, block)])) };
  }
  for (const key of entries.keys()) {
    if (['value', 'kind', 'source', 'sigma'].includes(key)) continue;
    const near = didYouMean(key, ['value', 'kind', 'source', 'sigma']);
    throw new UserError(`${outer.path}:${lineIn(entries, key)}: unknown key "${key}" beside "value"${near}`);
  }
  return attributeIn(value, block);
}

/** The block inside: what `kind`, `source` and `sigma` say here counts before what they said outside. */
function enter(entries: ReadonlyMap<string, Located>, outer: Block): Block {
  const text = (key: string) => {
    const content = entries.get(key)?.content;
    return typeof content === 'string' && content !== '' ? content : undefined;
  };
  const fail = (key: string, message: string): never => {
    throw new UserError(`${outer.path}:${lineIn(entries, key)}: ${message}`);
  };
  const kind = text('kind');
  if (entries.has('kind') && !isKind(kind))
    fail('kind', `"kind" must be one of ${Object.keys(sigmaByKind).join(', ')}`);
  const source = text('source');
  if (entries.has('source') && source === undefined) fail('source', '"source" must be text');
  const sigma = entries.get('sigma')?.content;
  if (sigma !== undefined && (typeof sigma !== 'number' || !(sigma >= 0)))
    fail('sigma', '"sigma" must be a number, 0 or more');
  return {
    ...outer,
    ...(isKind(kind) && { kind }),
    ...(source !== undefined && { source: cited(source, outer, lineIn(entries, 'source')) }),
    // A spread belongs to the kind of number that it was said of.
    ...(typeof sigma === 'number' ? { sigma } : isKind(kind) && { sigma: sigmaByKind[kind] }),
  };
}

/** A single word is a key of `sources`, so that a mistyped one is noticed; anything longer or a link is the citation. */
function cited(source: string, { path, sources }: Block, line: number): string {
  const citation = sources.get(source);
  if (citation !== undefined) return citation;
  if (/\s|:\/\//.test(source)) return source;
  throw new UserError(`${path}:${line}: "${source}" is not in "sources"${didYouMean(source, sources.keys())}`);
}

function originOf(line: number, { path, kind, source, sigma }: Block): Origin {
  if (kind === undefined || source === undefined) {
    throw new UserError(`${path}:${line}: this number has no "kind" and "source", nor has a block around it`);
  }
  return { kind, source, sigma: sigma ?? sigmaByKind[kind] };
}

function isKind(kind: string | undefined): kind is Kind {
  return kind !== undefined && Object.hasOwn(sigmaByKind, kind);
}

function lineIn(entries: ReadonlyMap<string, Located>, key: string): number {
  return entries.get(key)?.line ?? 1;
}

/** `override` over `base`: maps are merged key by key, everything else is replaced. */
export function overlay(base: Sourced, override: Sourced): Sourced {
  const [below, above] = [base.content, override.content];
  if (!isSourcedEntries(below) || !isSourcedEntries(above)) return override;
  const merged = new Map(below);
  for (const [key, entry] of above) {
    const under = below.get(key);
    merged.set(key, under === undefined ? entry : overlay(under, entry));
  }
  return { line: base.line, content: merged };
}

/** Every number of the tree with its path (`units.npu.clockHertz`, `support.groups[0].maximumKernel[1]`). */
export function provenanceOf(sourced: Sourced, path = ''): Provenance[] {
  const { content, origin } = sourced;
  if (isSourcedEntries(content)) {
    return [...content].flatMap(([key, entry]) => provenanceOf(entry, path === '' ? key : `${path}.${key}`));
  }
  if (content instanceof Array) return content.flatMap((item, index) => provenanceOf(item, `${path}[${index}]`));
  return typeof content === 'number' && origin !== undefined ? [{ path, value: content, ...origin }] : [];
}

function isSourcedEntries(content: Sourced['content']): content is ReadonlyMap<string, Sourced> {
  return content instanceof Map;
}
