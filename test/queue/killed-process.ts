// Starts test/queue/worker-program.ts as a process of its own, as often as it is killed.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rolldown } from 'rolldown';
import type { Program } from './worker-program.ts';

/** Node.js 20 runs no TypeScript, and what ships is a bundle too. Gives the path of the program. */
export async function bundledProgram(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'queue-program-'));
  const input = join(import.meta.dirname, 'worker-program.ts');
  const build = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await build.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
  await build.close();
  return join(folder, 'worker-program.mjs');
}

export interface KilledProcess {
  /** Resolves when the process has taken the job; never, if it was killed before. */
  readonly add: (key: string, group: string, name: string) => void;
  readonly taken: Set<string>;
  readonly isReady: Promise<void>;
  readonly errors: string[];
  readonly kill: () => Promise<void>;
}

export function startProgram(path: string, program: Program): KilledProcess {
  const child = spawn(process.execPath, [path, JSON.stringify(program)]);
  const taken = new Set<string>();
  const errors: string[] = [];
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (text: Buffer) => errors.push(text.toString()));
  const isReady = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') resolve();
      if (line.startsWith('added ')) taken.add(line.slice('added '.length));
    });
    child.on('exit', () => reject(new Error(`the program ended: ${errors.join('')}`)));
  });
  isReady.catch(() => undefined);
  return {
    add: (key, group, name) => child.stdin.write(`${JSON.stringify({ add: { key, group, name } })}\n`),
    taken,
    isReady,
    errors,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
