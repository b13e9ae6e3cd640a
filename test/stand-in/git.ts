// The repository behind the stand-in, through git's own commands. All calls are synchronous, so that one request sees and
// makes one state.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs git in one repository. */
export type Git = (options: readonly string[], run?: GitRun) => Buffer;

export interface GitRun {
  readonly input?: string | Buffer;
  readonly environment?: Readonly<Record<string, string>>;
}

export class GitError extends Error {}

const maximumOutputBytes = 512 * 2 ** 20;

/** `folder`: a bare repository or a work tree. Throws GitError with git's own words. */
export function openGit(folder: string): Git {
  return (options, { input, environment } = {}) => {
    const done = spawnSync('git', ['-c', 'core.quotePath=false', ...options], {
      cwd: folder,
      maxBuffer: maximumOutputBytes,
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', ...environment },
      ...(input === undefined ? {} : { input }),
    });
    if (done.error !== undefined) throw done.error;
    if (done.status !== 0) throw new GitError(`git ${options.join(' ')}: ${done.stderr.toString().trim()}`);
    return done.stdout;
  };
}

const memories = new WeakMap<Git, Map<string, unknown>>();

/**
 * Remembers what was read under a key. Only for what can never change: questions about full object ids. A process for each
 * question would make every request take a tenth of a second.
 */
export function remembered<T>(git: Git, key: readonly string[], read: () => T): T {
  const memory = memories.get(git) ?? new Map<string, unknown>();
  memories.set(git, memory);
  const text = key.join('\0');
  if (memory.has(text)) return memory.get(text) as T;
  const value = read();
  memory.set(text, value);
  return value;
}

/** The output of a command all of whose names are full object ids. */
const immutable = (git: Git, options: readonly string[]): Buffer => remembered(git, options, () => git(options));

export function gitText(git: Git, options: readonly string[], run?: GitRun): string {
  return git(options, run).toString().trimEnd();
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof GitError) return null;
    throw error;
  }
}

/** The object's id if `name` (a full ref, an id, "<id>:<path>") is one of that type ("commit", "tree", "blob"). */
export function objectOf(git: Git, name: string, type: string): string | null {
  return orNull(() => gitText(git, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{${type}}`]));
}

/** The same for a full id only, which is all that the Git data API takes. */
export function objectById(git: Git, id: string, type: string): string | null {
  if (!isObjectId(id)) return null;
  // An object that is not there may still come; one that is there stays.
  return orNull(() =>
    immutable(git, ['rev-parse', '--verify', '--quiet', `${id}^{${type}}`])
      .toString()
      .trim(),
  );
}

export const isObjectId = (name: string): boolean => /^[0-9a-f]{40}$/.test(name);

/** What lies at a path of a tree, of any type. */
export function entryOf(git: Git, treeish: string, path: string): TreeEntry | null {
  return (
    orNull(() => parsedTree(immutable(git, ['ls-tree', '-z', '-l', '--full-tree', treeish, '--', path])))?.[0] ?? null
  );
}

export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly sizeBytes: number | null;
  readonly path: string;
}

function parsedTree(output: Buffer): TreeEntry[] {
  const lines = output.toString().split('\0').filter(Boolean);
  return lines.map((line) => {
    const tab = line.indexOf('\t');
    const [mode, type, sha, size] = line.slice(0, tab).split(/ +/);
    const sizeBytes = size === undefined || size === '-' ? null : Number(size);
    return { mode: mode!, type: type!, sha: sha!, sizeBytes, path: line.slice(tab + 1) };
  });
}

export function treeEntries(git: Git, treeish: string, recursive: boolean): TreeEntry[] {
  return parsedTree(
    immutable(git, ['ls-tree', '-z', '-l', ...(recursive ? ['-r', '-t'] : []), '--full-tree', treeish]),
  );
}

export const blobBytes = (git: Git, sha: string): Buffer => git(['cat-file', 'blob', sha]);

export const blobSize = (git: Git, sha: string): number => Number(gitText(git, ['cat-file', '-s', sha]));

export interface GitPerson {
  readonly name: string;
  readonly email: string;
  /** ISO 8601, in UTC */
  readonly date: string;
}

export interface GitCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitPerson;
  readonly committer: GitPerson;
  readonly message: string;
}

const commitFormat = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'].join('%x00');

/** `range`: what `git log` takes, oldest first. */
export function commitsOf(git: Git, range: readonly string[]): GitCommit[] {
  const output = git(['log', '--topo-order', '--reverse', `--format=${commitFormat}%x01`, ...range]).toString();
  return output
    .split('\x01')
    .map((record) => record.replace(/^\n/, ''))
    .filter(Boolean)
    .map(parsedCommit);
}

export const commitOf = (git: Git, sha: string): GitCommit =>
  remembered(git, ['commit', sha], () => commitsOf(git, ['-1', sha])[0]!);

function parsedCommit(record: string): GitCommit {
  const [sha, tree, parents, name, email, time, committer, committerEmail, committed, message] = record.split('\0');
  return {
    sha: sha!,
    tree: tree!,
    parents: parents!.split(' ').filter(Boolean),
    author: { name: name!, email: email!, date: isoOf(time!) },
    committer: { name: committer!, email: committerEmail!, date: isoOf(committed!) },
    message: message!.trimEnd(),
  };
}

const isoOf = (epochSeconds: string) => `${new Date(Number(epochSeconds) * 1000).toISOString().slice(0, 19)}Z`;

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: GitPerson;
  readonly committer: GitPerson;
}

export function writeCommit(git: Git, commit: NewCommit): string {
  const parents = commit.parents.flatMap((parent) => ['-p', parent]);
  const environment = {
    GIT_AUTHOR_NAME: commit.author.name,
    GIT_AUTHOR_EMAIL: commit.author.email,
    GIT_AUTHOR_DATE: commit.author.date,
    GIT_COMMITTER_NAME: commit.committer.name,
    GIT_COMMITTER_EMAIL: commit.committer.email,
    GIT_COMMITTER_DATE: commit.committer.date,
  };
  return gitText(git, ['commit-tree', commit.tree, ...parents], { input: commit.message, environment });
}

export const writeBlob = (git: Git, bytes: Buffer): string =>
  gitText(git, ['hash-object', '-w', '--stdin'], { input: bytes });

export interface NewEntry {
  readonly path: string;
  readonly mode: string;
  /** null: the path goes */
  readonly sha: string | null;
}

/** Writes a tree from a base and changes of it, in an index of its own, and returns its id. */
export function writeTree(git: Git, base: string | null, entries: readonly NewEntry[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-index-'));
  const environment = { GIT_INDEX_FILE: join(folder, 'index') };
  try {
    git(base === null ? ['read-tree', '--empty'] : ['read-tree', base], { environment });
    const lines = entries.map(
      ({ path, mode, sha }) => `${sha === null ? `0 ${'0'.repeat(40)}` : `${mode} ${sha}`}\t${path}\0`,
    );
    git(['update-index', '-z', '--index-info'], { environment, input: lines.join('') });
    return gitText(git, ['write-tree', '--missing-ok'], { environment });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Full names and what they point at, sorted by name. */
export function refsUnder(git: Git, prefix: string): { ref: string; sha: string; type: string }[] {
  const output = gitText(git, ['for-each-ref', '--format=%(refname)%00%(objectname)%00%(objecttype)']);
  const all = output.split('\n').filter(Boolean);
  return all
    .map((line) => line.split('\0'))
    .map(([ref, sha, type]) => ({ ref: ref!, sha: sha!, type: type! }))
    .filter(({ ref }) => ref.startsWith(prefix));
}

export function setRef(git: Git, ref: string, sha: string): void {
  git(['update-ref', ref, sha]);
}

export function deleteRef(git: Git, ref: string): void {
  git(['update-ref', '-d', ref]);
}

export const isValidRefName = (git: Git, ref: string): boolean => orNull(() => git(['check-ref-format', ref])) !== null;

export const mergeBase = (git: Git, one: string, other: string): string | null =>
  remembered(git, ['merge-base', one, other], () => orNull(() => gitText(git, ['merge-base', one, other])));

export const isAncestor = (git: Git, older: string, newer: string): boolean =>
  remembered(
    git,
    ['is-ancestor', older, newer],
    () => orNull(() => git(['merge-base', '--is-ancestor', older, newer])) !== null,
  );

export const countCommits = (git: Git, range: string): number =>
  Number(immutable(git, ['rev-list', '--count', range]).toString());

/** The tree of a merge without conflicts, else null (an older git has no such merge either). */
export const mergedTree = (git: Git, one: string, other: string): string | null =>
  remembered(git, ['merge-tree', one, other], () =>
    orNull(() => gitText(git, ['merge-tree', '--write-tree', one, other]).split('\n')[0]!),
  );
