/** A repository in a temporary folder that commands are called in. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const fixtures = join(import.meta.dirname, '../../fixtures/models');

export interface TemporaryRepository {
  readonly folder: string;
  readonly git: (...args: readonly string[]) => string;
  readonly put: (path: string, content: string | Uint8Array) => void;
  /** A fixture by its file's name, under another path. */
  readonly copy: (fixture: string, path: string) => void;
  readonly read: (path: string) => string;
  readonly commit: () => void;
  /** Back to the folder of before. */
  readonly remove: () => void;
}

/** Commands run in it from now on. */
export function enterRepository(): TemporaryRepository {
  const start = process.cwd();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'model-budget-cli-')));
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  git('init', '--quiet', '--initial-branch', 'main');
  process.chdir(folder);
  return {
    ...{ folder, git, put },
    copy: (fixture, path) => {
      cpSync(join(fixtures, fixture), join(folder, path), { recursive: true });
    },
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    commit: () => {
      git('add', '--all');
      git('commit', '--quiet', '--message', 'state');
    },
    remove: () => {
      process.chdir(start);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a pointer file says of a file with this content. */
export function pointerText(oid: string, byteLength: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${String(byteLength)}\n`;
}
