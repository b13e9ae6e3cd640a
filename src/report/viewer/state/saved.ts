/** Named analyses: what a link holds, kept in the browser under a name, and as files to hand on. */
import { sha256 } from '@noble/hashes/sha2.js';
import { UserError } from '../../../errors.ts';
import type { PageReport } from '../../html/document.ts';

export interface Analysis {
  readonly schema: 'model-budget/analysis@1';
  readonly name: string;
  /** Of the report that it was made on: rows mean nothing in another. */
  readonly report: string;
  /** The fragment of the page's address. */
  readonly link: string;
}

export interface Shelf {
  /** False: the browser keeps nothing for this page, so that analyses last as long as the page is open. */
  readonly lasts: boolean;
  readonly all: () => readonly Analysis[];
  /** Takes the place of one of the same name. */
  readonly put: (analysis: Analysis) => void;
  readonly remove: (name: string) => void;
}

export const longestName = 120;
const longestLink = 200_000;
const longestFile = 1_000_000;
const key = 'model-budget/analyses@1';

/** `localStorage`, where there is one. */
export type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

/** @param open throws where the browser denies it */
export function createShelf(open: () => Storage): Shelf {
  const storage = tried(open);
  let kept: readonly Analysis[] = storage === undefined ? [] : readKept(storage);
  let lasts = storage !== undefined;
  const keep = (analyses: readonly Analysis[]): void => {
    kept = analyses;
    const text = JSON.stringify(analyses);
    if (storage !== undefined) lasts = tried(() => (storage.setItem(key, text), true)) ?? false;
  };
  // Another page from the same place may have written meanwhile.
  const latest = (): readonly Analysis[] => (storage !== undefined && lasts ? (kept = readKept(storage)) : kept);
  return {
    get lasts() {
      return lasts;
    },
    all: latest,
    put: (analysis) => keep([...latest().filter(({ name }) => name !== analysis.name), analysis]),
    remove: (name) => keep(latest().filter((other) => other.name !== name)),
  };
}

function tried<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function readKept(storage: Storage): readonly Analysis[] {
  const found = tried(() => JSON.parse(storage.getItem(key) ?? '[]') as unknown);
  return Array.isArray(found) ? found.filter(isAnalysis) : [];
}

function isAnalysis(value: unknown): value is Analysis {
  if (typeof value !== 'object' || value === null) return false;
  const { schema, name, report, link } = value as Partial<Record<keyof Analysis, unknown>>;
  return (
    schema === 'model-budget/analysis@1' &&
    isText(name, longestName) &&
    name !== '' &&
    isText(report, 100) &&
    isText(link, longestLink)
  );
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest;
}

export function analysisFile(analysis: Analysis): string {
  return `${JSON.stringify(analysis, undefined, 2)}\n`;
}

/** Throws `UserError` for what is no analysis. */
export function readAnalysis(text: string): Analysis {
  const value = text.length > longestFile ? undefined : tried(() => JSON.parse(text) as unknown);
  if (!isAnalysis(value)) {
    throw new UserError('this is no saved analysis (model-budget/analysis@1): choose a file that this page exported');
  }
  const { schema, name, report, link } = value;
  return { schema, name, report, link };
}

/** `name`, or `name 2` … where it is taken. */
export function freeName(name: string, taken: readonly Analysis[]): string {
  const names = new Set(taken.map((analysis) => analysis.name));
  const base = name.slice(0, longestName - 5);
  let free = base;
  for (let count = 2; names.has(free); count += 1) free = `${base} ${count}`;
  return free;
}

/** Equal for pages whose rows are the same. */
export function reportFingerprint({ report }: PageReport): string {
  const { base, head, configDigest, models } = report;
  const places = models.map(({ path, targets }) => [
    path,
    targets.map(({ target, layers }) => [target.id, layers.length]),
  ]);
  const text = JSON.stringify([base, head, configDigest, places]);
  const digest = sha256(new TextEncoder().encode(text));
  return Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
