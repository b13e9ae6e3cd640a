/** A model that was reviewed before is not fetched again, and nothing else is taken for it. */
import { expect, test } from 'vitest';
import { programDigest } from '../../src/files/program-digest.ts';
import { judge } from '../../src/github/judge.ts';
import { livePullRequest } from '../../src/github/range.ts';
import type { ResultStore } from '../../src/github/results.ts';
import type { RangeReview } from '../../src/github/review-range.ts';
import { configPath, fixture, looseConfig, modelPath, tightConfig } from '../action/scenario.ts';
import { connectStandIn, temporaryFolder, type StandInConnection } from './connection.ts';
import { makeGitRepository, type Changes } from '../stand-in/git-repository.ts';

const input = { configPath, targets: [] };

function memoryStore(): ResultStore & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  return {
    entries,
    read: (key) => Promise.resolve(entries.get(key) ?? null),
    write: (key, bytes) => Promise.resolve(void entries.set(key, bytes)),
  };
}

async function scenario(base: Changes = { [configPath]: tightConfig, [modelPath]: fixture('detector-nearest') }) {
  const repository = makeGitRepository();
  repository.commit('main', base);
  repository.commit('change', { [modelPath]: fixture('detector-cubic') }, { from: 'main' });
  const pullRequests = [{ number: 7, head: { ref: 'change' }, base: 'main' }];
  const connection = await connectStandIn({ gitFolder: repository.folder, pullRequests });
  return { ...connection, repository };
}

interface Reviewed {
  readonly report: RangeReview['report'];
  /** How many blobs and comparisons were asked for. */
  readonly blobs: number;
}

async function reviewed({ github, standIn }: StandInConnection, results?: ResultStore): Promise<Reviewed> {
  const before = standIn.requests.length;
  const facts = (await livePullRequest(github, 7))!;
  const [own] = await judge(
    github,
    { kind: 'pull-request', facts },
    { settings: input, folder: temporaryFolder(), results },
  );
  if (own === undefined || 'problem' in own) throw new Error('no report');
  const blobs = standIn.requests.slice(before).filter(({ path }) => path.includes('/git/blobs/')).length;
  return { report: own.report, blobs };
}

test('the same contents under the same config give the same report, without a model being fetched', async () => {
  const given = await scenario();
  const store = memoryStore();
  const first = await reviewed(given, store);
  // A push that leaves the model alone.
  given.repository.commit('change', { 'README.md': 'words' });
  const second = await reviewed(given, store);
  const plain = await reviewed(given);
  expect(second.report).toEqual(plain.report);
  expect(second.report.models).toEqual(first.report.models);
  // The config alone.
  expect([first.blobs, second.blobs, plain.blobs]).toEqual([3, 1, 3]);
});

test('another config, and another model, are other results', async () => {
  const given = await scenario();
  const store = memoryStore();
  expect((await reviewed(given, store)).report.verdict).toBe('fail');
  given.repository.commit('main', { [configPath]: looseConfig });
  expect((await reviewed(given, store)).report.verdict).toBe('pass');
  given.repository.commit('change', { [modelPath]: fixture('detector-nearest'), 'x.md': '' });
  expect((await reviewed(given, store)).report.models).toEqual([]);
});

test('a store that lies, is torn or is away is a store that has nothing', async () => {
  const given = await scenario();
  const plain = (await reviewed(given)).report;
  const store = memoryStore();
  await reviewed(given, store);
  for (const [key, bytes] of store.entries) store.entries.set(key, bytes.slice(0, -1));
  expect((await reviewed(given, store)).report).toEqual(plain);
  const away = () => Promise.reject(new Error('the store is away'));
  expect((await reviewed(given, { read: away, write: away })).report).toEqual(plain);
  expect(given.log).toContainEqual(expect.stringContaining('the store is away'));
});

test('what could not be read is looked at again', async () => {
  const given = await scenario({ [configPath]: tightConfig, [modelPath]: 'no model at all' });
  const store = memoryStore();
  expect((await reviewed(given, store)).report.models[0]?.errors).toHaveLength(1);
  expect(store.entries.size).toBe(0);
});

test('the program is part of what a result is of', () => {
  expect(programDigest()).toMatch(/^[0-9a-f]{64}$/);
});
