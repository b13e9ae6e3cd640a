/** A connection without throttling or retries, so that a test sees each request once; over nock or over the stand-in. */
import { Octokit } from '@octokit/rest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nock from 'nock';
import { afterEach, beforeEach, expect, onTestFinished } from 'vitest';
import type { GitHub } from '../../src/github/client.ts';
import { objectStore, type ObjectStore } from '../../src/github/objects.ts';
import type { StandInOptions } from '../stand-in/options.ts';
import { startBench, type Bench } from '../stand-in/testing.ts';

export interface Connection {
  readonly github: GitHub;
  /** Lines of the log */
  readonly log: readonly string[];
}

export function connect(overrides: Partial<GitHub> & { readonly apiUrl?: string } = {}): Connection {
  const { apiUrl = 'https://api.github.com', token = 'a-token', ...others } = overrides;
  const log: string[] = [];
  const github: GitHub = {
    client: new Octokit({ auth: token, baseUrl: apiUrl, log: silent }),
    repository: { owner: 'acme', repo: 'detector' },
    ...{ serverUrl: 'https://github.com', token, log: (line) => void log.push(line) },
    ...others,
  };
  return { github, log };
}

const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {
  // Octokit's remarks are noise in a test.
}

export interface StandInConnection extends Bench, Connection {
  readonly store: ObjectStore;
}

/** The stand-in's repository of two files and a pull request; a test ends by expecting no violations. */
export async function connectStandIn(options: Partial<StandInOptions> = {}): Promise<StandInConnection> {
  const bench = await startBench(options);
  onTestFinished(() => bench.close());
  const { apiUrl, serverUrl } = bench.standIn;
  const connection = connect({ apiUrl, serverUrl });
  return { ...bench, ...connection, store: objectStore(connection.github, temporaryFolder()) };
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Paths of the requests, without the repository's own. */
export function requested({ standIn }: Pick<Bench, 'standIn'>): readonly string[] {
  return standIn.requests.map(({ method, path }) => `${method} ${path.replace('/repos/acme/detector/', '')}`);
}

/** For a file of tests over nock: what is not expected is refused, and what is expected has to come. */
export function answerOnlyWhatIsExpected(): void {
  beforeEach(() => {
    nock.disableNetConnect();
  });
  afterEach(() => {
    const pending = nock.pendingMocks();
    nock.cleanAll();
    expect(pending).toEqual([]);
  });
}
