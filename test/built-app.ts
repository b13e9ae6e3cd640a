// The App is tested as a process of its own, so it is built once before the tests.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

export function setup(): void {
  execFileSync(process.execPath, [join(root, 'build.mjs'), '--app'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
