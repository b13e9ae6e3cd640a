// A bare git repository to put behind the stand-in, made commit by commit without a work tree. Times are fixed, so that the
// same calls give the same ids.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deleteRef,
  objectOf,
  openGit,
  setRef,
  writeBlob,
  writeCommit,
  writeTree,
  type Git,
  type NewEntry,
} from './git.ts';

/** A symbolic link's target, or the commit of a submodule */
export type Pointed = { readonly link: string } | { readonly submodule: string };

/** Path -> its new content; null takes it away */
export type Changes = Readonly<Record<string, string | Buffer | Pointed | null>>;

export interface CommitOptions {
  /** Where a new branch begins: a branch or a commit's id; without it the branch has a root of its own */
  readonly from?: string;
  readonly message?: string;
}

export interface GitRepository {
  readonly folder: string;
  readonly git: Git;
  /** Adds a commit to a branch, which may be new, and returns its id. `branch`: "main", or a full ref. */
  readonly commit: (branch: string, changes: Changes, options?: CommitOptions) => string;
  /** Points a branch elsewhere, as a forced push does. */
  readonly reset: (branch: string, commit: string) => void;
  readonly deleteBranch: (branch: string) => void;
  readonly remove: () => void;
}

const begun = Date.parse('2026-01-01T00:00:00Z');
const minuteMilliseconds = 60_000;

const fullRef = (branch: string) => (branch.startsWith('refs/') ? branch : `refs/heads/${branch}`);

export function makeGitRepository(): GitRepository {
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-repository-'));
  const git = openGit(folder);
  git(['init', '--quiet', '--bare', '--initial-branch=main']);
  let commits = 0;
  const blob = blobWriter(git);
  const commit = (branch: string, changes: Changes, { from, message }: CommitOptions = {}): string => {
    const parent = objectOf(git, fullRef(branch), 'commit') ?? (from === undefined ? null : startOf(git, from));
    const entries = Object.entries(changes).map(([path, content]) => entryOf(path, content, blob));
    const date = new Date(begun + commits++ * minuteMilliseconds).toISOString();
    const person = { name: 'Ada', email: 'ada@example.com', date };
    const sha = writeCommit(git, {
      tree: writeTree(git, parent, entries),
      parents: parent === null ? [] : [parent],
      message: message ?? `Change ${Object.keys(changes).join(', ')}`,
      author: person,
      committer: person,
    });
    setRef(git, fullRef(branch), sha);
    return sha;
  };
  return {
    folder,
    git,
    commit,
    reset: (branch, sha) => setRef(git, fullRef(branch), sha),
    deleteBranch: (branch) => deleteRef(git, fullRef(branch)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function entryOf(path: string, content: Changes[string], blob: (content: string | Buffer) => string): NewEntry {
  if (content === null) return { path, mode: '100644', sha: null };
  if (typeof content === 'string' || Buffer.isBuffer(content)) return { path, mode: '100644', sha: blob(content) };
  if ('link' in content) return { path, mode: '120000', sha: blob(content.link) };
  return { path, mode: '160000', sha: content.submodule };
}

/** Writes each content once, so that thousands of equal files take no time. */
function blobWriter(git: Git): (content: string | Buffer) => string {
  const written = new Map<string | Buffer, string>();
  return (content) => {
    const sha = written.get(content) ?? writeBlob(git, Buffer.from(content));
    written.set(content, sha);
    return sha;
  };
}

function startOf(git: Git, from: string): string {
  const sha = objectOf(git, fullRef(from), 'commit') ?? objectOf(git, from, 'commit');
  if (sha === null) throw new Error(`no such branch or commit: ${from}`);
  return sha;
}
