/**
 * What became of a model before: reviews of the same bytes under the same config by the same program are the same. The
 * names of git and Git LFS for contents are their digests, so a result is found without fetching a model.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { posix } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseRecordText, recordText } from '../ir/record-text.ts';
import type { PagePart } from '../report/html/page.ts';
import type { TracedModel } from '../review.ts';
import type { Change } from '../review/changed-models.ts';
import type { Target } from '../schedule/target.ts';
import type { ChangeRange } from './changes.ts';
import { reasonOf, type GitHub } from './client.ts';
import type { CommitFiles } from './tree.ts';

/** Where results are kept. Whoever may write to it decides what reports say. */
export interface ResultStore {
  readonly read: (key: string) => Promise<Uint8Array | null>;
  readonly write: (key: string, bytes: Uint8Array) => Promise<void>;
}

export interface Results {
  /** Null: it has to be computed. */
  readonly find: (change: Change) => Promise<TracedModel | null>;
  /** @param external paths of the files, besides the model's own, that were read for it */
  readonly keep: (change: Change, external: readonly string[], result: TracedModel) => Promise<void>;
}

export interface ResultContext {
  readonly files: ChangeRange;
  /** Everything else that decides what a report says of a model, as text. */
  readonly circumstances: readonly string[];
  /** Results without what a page needs will not do. */
  readonly hasPage?: boolean;
}

/** A store that is away is a store that has nothing. */
export function openResults(
  { log }: GitHub,
  store: ResultStore,
  { files, circumstances, hasPage = false }: ResultContext,
): Results {
  // A result with a page answers who wants none, too.
  const [without, withPage] = ['', 'page'].map((one) => digestOf([...circumstances, one])) as [string, string];
  const read = async (key: string): Promise<unknown> => {
    try {
      const bytes = await store.read(key);
      return bytes === null ? undefined : unpacked(bytes);
    } catch (error) {
      log(`a result could not be read: ${reasonOf(error)}`);
      return undefined;
    }
  };
  const write = async (key: string, value: () => unknown): Promise<void> => {
    try {
      await store.write(key, packed(value()));
    } catch (error) {
      log(`a result could not be kept: ${reasonOf(error)}`);
    }
  };
  return {
    find: async (change) => {
      const own = await contentOf(change, files, () => []);
      const external = await read(externalKey(own));
      if (!Array.isArray(external)) return null;
      const all = await contentOf(change, files, () => external as readonly string[]);
      if (holdsLink(all)) return null;
      for (const digest of hasPage ? [withPage] : [without, withPage]) {
        const found = await read(resultKey(digest, change, all));
        if (found !== undefined) return revived(found as KeptResult, hasPage);
      }
      return null;
    },
    keep: async (change, external, result) => {
      if (!isWhole(result)) return;
      const own = await contentOf(change, files, () => []);
      const all = await contentOf(change, files, () => external);
      if (holdsLink(all)) return;
      await write(externalKey(own), () => external);
      await write(resultKey(hasPage ? withPage : without, change, all), () => keptForm(result));
    },
  };
}

/** The page's part as its text, which tells what base and head have in common once. */
interface KeptResult extends Omit<TracedModel, 'page'> {
  readonly page?: string;
}

function keptForm({ page, ...result }: TracedModel): KeptResult {
  return page === undefined ? result : { ...result, page: recordText(page) };
}

/** As long as what was unpacked: pages of many commits hold the same part, and what is computed of it. */
const pagePartsBefore = new WeakMap<KeptResult, PagePart>();

function revived(kept: KeptResult, hasPage: boolean): TracedModel {
  const { page: text, ...result } = kept;
  if (text === undefined || !hasPage) return result;
  const page = pagePartsBefore.get(kept) ?? (parseRecordText(text) as PagePart);
  pagePartsBefore.set(kept, page);
  return { ...result, page };
}

/** Of what could not be had, the next run may have more. */
function isWhole({ model: { errors, warnings } }: TracedModel): boolean {
  return errors.length === 0 && !warnings.some((warning) => warning.startsWith('weights not available'));
}

/** Names of the contents of both sides. */
async function contentOf(
  { status, path, previousPath }: Change,
  { base, head }: ChangeRange,
  external: () => readonly string[],
): Promise<readonly string[]> {
  const sides = [
    ...(status === 'added' ? [] : [{ files: base, at: previousPath ?? path }]),
    ...(status === 'removed' ? [] : [{ files: head, at: path }]),
  ];
  const texts = sides.map(({ files, at }) => sideContent(files, at, external()));
  return (await Promise.all(texts)).flat();
}

/** @param external relative to the model's folder */
async function sideContent(files: CommitFiles, at: string, external: readonly string[]): Promise<readonly string[]> {
  const paths = [at, ...external.map((path) => posix.join(posix.dirname(at), path))];
  const entries = await Promise.all(paths.map((path) => files.entry(path)));
  return entries.map((entry) => (entry === undefined ? 'none' : `${entry.kind} ${entry.object}`));
}

/** The object of a link names where it leads, and not what is there. */
function holdsLink(content: readonly string[]): boolean {
  return content.some((name) => name.startsWith('link '));
}

function externalKey(content: readonly string[]): string {
  return `files-${digestOf(content)}`;
}

function resultKey(circumstances: string, { status, path, previousPath }: Change, content: readonly string[]): string {
  return `result-${digestOf([circumstances, status, path, previousPath ?? '', ...content])}`;
}

function digestOf(texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}

const digestBytes = 32;

/** A digest in front, so that half of a result is none. */
function packed(value: unknown): Uint8Array {
  const bytes = gzipSync(serialize(value), { level: 1 });
  return Buffer.concat([createHash('sha256').update(bytes).digest(), bytes]);
}

/** Of bytes that are kept in memory, too. What is computed is never changed, so that all may have the same. */
const unpackedBefore = new LRUCache<Uint8Array, { readonly value: unknown; readonly byteLength: number }>({
  maxSize: 256 * 1024 * 1024,
  sizeCalculation: ({ byteLength }) => 1 + byteLength,
});

function unpacked(bytes: Uint8Array): unknown {
  const known = unpackedBefore.get(bytes);
  if (known !== undefined) return known.value;
  const [digest, content] = [bytes.subarray(0, digestBytes), bytes.subarray(digestBytes)];
  if (!createHash('sha256').update(content).digest().equals(digest)) return undefined;
  const plain = gunzipSync(content, { maxOutputLength: maximumResultBytes });
  const value: unknown = deserialize(plain);
  unpackedBefore.set(bytes, { value, byteLength: heldPerByte * plain.byteLength });
  return value;
}

/** Records take several times as much as their bytes, with the page's part that may be parsed. */
const heldPerByte = 4;

const maximumResultBytes = 256 * 1024 * 1024;

const digests = new WeakMap<Target, string>();

/** Of everything that a target says. */
export function targetDigest(target: Target): string {
  const known = digests.get(target) ?? createHash('sha256').update(serialize(target)).digest('hex');
  digests.set(target, known);
  return known;
}
