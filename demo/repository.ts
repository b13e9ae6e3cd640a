/** A temporary git repository with a model change in it, as a pull request would bring it. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Content of one commit: path in the repository to a file to copy, or to a text. */
export interface CommitContent {
  readonly message: string;
  readonly copies: ReadonlyMap<string, string>;
  readonly texts: ReadonlyMap<string, string>;
}

export const baseBranch = 'main';
export const changeBranch = 'change';

/** Makes the repository with one commit on each branch; returns its folder. */
export function makeRepository(base: CommitContent, change: CommitContent): string {
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-demo-'));
  git(folder, 'init', '--quiet', '--initial-branch', baseBranch);
  commit(folder, base);
  git(folder, 'switch', '--quiet', '--create', changeBranch);
  commit(folder, change);
  return folder;
}

function commit(folder: string, content: CommitContent): void {
  for (const [path, file] of content.copies) copyFileSync(file, ready(join(folder, path)));
  for (const [path, text] of content.texts) writeFileSync(ready(join(folder, path)), text);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', content.message);
}

function ready(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

/** Names and dates are given, so that the commits are the same on every machine. */
const identity = {
  GIT_AUTHOR_NAME: 'demo',
  GIT_AUTHOR_EMAIL: 'demo@localhost',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'demo',
  GIT_COMMITTER_EMAIL: 'demo@localhost',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
  GIT_CONFIG_GLOBAL: '',
  GIT_CONFIG_NOSYSTEM: '1',
};

function git(folder: string, ...args: readonly string[]): void {
  // An empty GIT_CONFIG_GLOBAL means no global config: neither hooks nor signing of the user's take part.
  execFileSync('git', [...args], {
    cwd: folder,
    env: { ...process.env, ...identity },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
