/** What the command line asks of git. Only names of commits and objects that git itself resolved are passed on. */
import { spawnSync } from 'node:child_process';
import { UserError } from '../errors.ts';
import type { Change } from '../review/changed-models.ts';

/** Lists of changed files and trees of large repositories must fit. */
const maximumOutputBytes = 512 * 1024 * 1024;

export interface Repository {
  /** Top folder of the working tree. */
  readonly root: string;
  readonly lfsStorage: string;
}

export interface TreeEntry {
  readonly path: string;
  /** Object id of the blob. */
  readonly object: string;
  readonly byteLength: number;
  /** The blob is the path of another file. */
  readonly isLink: boolean;
}

interface GitResult {
  readonly ok: boolean;
  readonly output: Buffer;
  readonly message: string;
}

interface Streams {
  readonly input?: string;
  /** Descriptor of an open file. */
  readonly output?: number;
}

function run(directory: string, args: readonly string[], { input, output }: Streams = {}): GitResult {
  const result = spawnSync('git', [...args], {
    cwd: directory,
    env: { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    maxBuffer: maximumOutputBytes,
    stdio: [input === undefined ? 'ignore' : 'pipe', output ?? 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  });
  if (result.error !== undefined) throw new UserError(`git cannot be run: ${result.error.message}`);
  // With a file as output there is no buffer.
  const stdout = Buffer.isBuffer(result.stdout) ? result.stdout : Buffer.alloc(0);
  return { ok: result.status === 0, output: stdout, message: result.stderr.toString().trim() };
}

function mustRun(directory: string, args: readonly string[]): Buffer {
  const result = run(directory, args);
  if (!result.ok) throw new UserError(`git ${args[0] ?? ''} failed: ${firstLineOf(result.message)}`);
  return result.output;
}

function firstLineOf(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function textOf(output: Buffer): string {
  return output.toString().trim();
}

/** The repository around `directory`; a `UserError` outside of one, with what else could be done. */
export function findRepository(
  directory: string,
  otherwise = 'name two model files, or run it inside one',
): Repository {
  const top = run(directory, ['rev-parse', '--show-toplevel']);
  if (!top.ok) throw new UserError(`not inside a git repository: ${otherwise}`);
  const root = textOf(top.output);
  const common = textOf(mustRun(root, ['rev-parse', '--path-format=absolute', '--git-common-dir']));
  const configured = run(root, ['config', '--type=path', 'lfs.storage']);
  return { root, lfsStorage: configured.ok ? textOf(configured.output) : `${common}/lfs` };
}

/** Where the clone around `directory` keeps its LFS objects; null outside of a clone. */
export function findLfsStorage(directory: string): string | null {
  return run(directory, ['rev-parse', '--show-toplevel']).ok ? findRepository(directory).lfsStorage : null;
}

/** Full id of the commit that `ref` names, or undefined. */
export function findCommit(repository: Repository, ref: string): string | undefined {
  const result = run(repository.root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  return result.ok ? textOf(result.output) : undefined;
}

export function commitOf(repository: Repository, ref: string): string {
  const commit = findCommit(repository, ref);
  if (commit === undefined) {
    const hint = ref.includes('..') ? '; write A B, or A...B to begin at their merge base' : '';
    throw new UserError(`${ref}: neither a file nor a commit of this repository${hint}`);
  }
  return commit;
}

export function mergeBase(repository: Repository, a: string, b: string): string {
  const result = run(repository.root, ['merge-base', a, b]);
  if (!result.ok) {
    throw new UserError(`${a} and ${b} have no common commit here; a shallow clone needs \`git fetch --unshallow\``);
  }
  return textOf(result.output);
}

/** The branch that changes go to: what origin says, else main or master. */
export function defaultBranch(repository: Repository): string {
  const remote = run(repository.root, ['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD']);
  if (remote.ok) return textOf(remote.output);
  const candidates = ['origin/main', 'origin/master', 'main', 'master'];
  const found = candidates.find((name) => findCommit(repository, name) !== undefined);
  if (found === undefined) throw new UserError('no default branch found: name the commits, as in `diff main...HEAD`');
  return found;
}

/** The name of the default branch on the server; `main` where nothing was committed yet. */
export function branchOfChanges(repository: Repository): string {
  try {
    return defaultBranch(repository).replace(/^origin\//, '');
  } catch (error) {
    if (error instanceof UserError) return 'main';
    throw error;
  }
}

/** Files and links of a commit's tree; submodules are left out, since they are elsewhere. */
export function listTree(repository: Repository, commit: string): readonly TreeEntry[] {
  const output = mustRun(repository.root, ['ls-tree', '-r', '-z', '-l', '--full-tree', commit]).toString();
  return records(output).flatMap((record) => {
    const match = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(record);
    const [, mode, object, size, path] = match ?? [];
    if (mode === undefined || object === undefined || path === undefined) return [];
    return [{ path, object, byteLength: Number(size), isLink: mode === '120000' }];
  });
}

/** Files that differ between two commits, or between a commit and the working tree, untracked files included. */
export function listChanges(repository: Repository, base: string, head: string | null): readonly Change[] {
  const range = head === null ? [base] : [base, head];
  const args = ['diff', '--name-status', '-z', '--find-renames', '--no-ext-diff', '--no-textconv', ...range, '--'];
  const changes = parseNameStatus(records(mustRun(repository.root, args).toString()));
  return head === null ? withUntracked(changes, listFiles(repository, '--others')) : changes;
}

/** A file that only the index has lost is still there: removed for git, changed for who looks at the files. */
function withUntracked(changes: readonly Change[], untracked: readonly string[]): readonly Change[] {
  const there = new Set(untracked);
  const kept = changes.map((change) =>
    change.status === 'removed' && there.has(change.path) ? { ...change, status: 'modified' as const } : change,
  );
  const known = new Set(kept.map(({ path }) => path));
  const added = untracked.filter((path) => !known.has(path)).map((path) => ({ status: 'added' as const, path }));
  return [...kept, ...added];
}

/** Files of the working tree, untracked ones that are not ignored included. */
export function listWorkingFiles(repository: Repository): readonly string[] {
  return listFiles(repository, '--cached', '--others');
}

function listFiles(repository: Repository, ...kinds: readonly string[]): readonly string[] {
  return records(mustRun(repository.root, ['ls-files', ...kinds, '--exclude-standard', '-z']).toString());
}

/** The records of `git diff --name-status -z`: a status, then one path, or two for renames and copies. */
export function parseNameStatus(fields: readonly string[]): readonly Change[] {
  const changes: Change[] = [];
  for (let index = 0; index < fields.length;) {
    const letter = fields[index]?.[0];
    const first = fields[index + 1];
    const second = fields[index + 2];
    if (first === undefined) break;
    if ((letter === 'R' || letter === 'C') && second !== undefined) {
      changes.push(
        letter === 'R' ? { status: 'renamed', path: second, previousPath: first } : { status: 'added', path: second },
      );
      index += 3;
      continue;
    }
    changes.push({ status: letter === 'A' ? 'added' : letter === 'D' ? 'removed' : 'modified', path: first });
    index += 2;
  }
  return changes;
}

/** Writes a blob to an open file, so that a large model never passes through this process's memory. */
export function writeBlob(repository: Repository, object: string, descriptor: number): void {
  const result = run(repository.root, ['cat-file', 'blob', object], { output: descriptor });
  if (!result.ok) throw new UserError(`git cannot read object ${object}: ${firstLineOf(result.message)}`);
}

/** The bytes of a small blob. */
export function readBlob(repository: Repository, object: string): Uint8Array {
  return mustRun(repository.root, ['cat-file', 'blob', object]);
}

/** Those of the paths that `.gitattributes` hands to Git LFS, whether they are stored there by now or not. */
export function lfsPaths({ root }: Repository, paths: readonly string[]): ReadonlySet<string> {
  const { output } = run(root, ['check-attr', '-z', '--stdin', 'filter'], {
    input: paths.map((path) => `${path}\0`).join(''),
  });
  // Three records each: path, attribute, value.
  const fields = output.toString().split('\0');
  return new Set(fields.filter((_, index) => index % 3 === 0 && fields[index + 2] === 'lfs'));
}

/** Address of the remote that changes come from; undefined without one. */
export function remoteAddress({ root }: Repository): string | undefined {
  const result = run(root, ['remote', 'get-url', 'origin']);
  return result.ok ? textOf(result.output) : undefined;
}

function records(output: string): readonly string[] {
  return output.split('\0').filter((record) => record !== '');
}
