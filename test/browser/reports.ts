/** Report pages of real reviews, with what the command line says of the same change beside them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../src/report/report.ts';
import { command } from './command-line.ts';

export interface Workroom {
  /** @returns its path */
  readonly put: (name: string, content: string | Uint8Array) => string;
  /** @returns what it printed */
  readonly output: (...args: readonly string[]) => Promise<string>;
  /** Path of the page of one model. */
  readonly view: (model: string, targets: string) => Promise<string>;
  readonly diff: (change: Change) => Diff;
  readonly remove: () => void;
}

export interface Change {
  readonly base: string;
  readonly head: string;
  readonly targets: string;
  readonly config?: string;
}

export interface Diff {
  /** Path of the page. */
  readonly page: () => Promise<string>;
  readonly report: () => Promise<Report>;
  readonly markdown: () => Promise<string>;
}

export function openWorkroom(): Workroom {
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-page-'));
  let count = 0;
  const write = async (args: readonly string[], ending: string): Promise<string> => {
    const output = join(folder, `output-${String((count += 1))}.${ending}`);
    await command(...args, '--output', output);
    return output;
  };
  const put = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  return {
    put,
    view: (model, targets) => write(['view', model, '--target', targets], 'html'),
    output: async (...args) => readFileSync(await write(args, 'txt'), 'utf8'),
    diff: ({ base, head, targets, config = 'budgets: []\n' }) => {
      const path = put(`config-${String((count += 1))}.yml`, config);
      const format = (name: string): Promise<string> =>
        write(['diff', base, head, '--target', targets, '--config', path, '--format', name], name);
      return {
        page: () => format('html'),
        report: async () => JSON.parse(readFileSync(await format('json'), 'utf8')) as Report,
        markdown: async () => readFileSync(await format('markdown'), 'utf8'),
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
