/** `doctor` in a temporary repository, with no token but those that a test gives it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { DoctorDocument, Finding } from '../../src/cli/doctor/finding.ts';
import { run } from '../../src/cli/run.ts';
import { enterRepository, type TemporaryRepository } from './repository.ts';

interface Examined {
  readonly exitCode: number;
  readonly findings: readonly Finding[];
  /** `id: level`, each once, in their order. */
  readonly levels: readonly string[];
}

export interface Practice {
  readonly repository: TemporaryRepository;
  readonly doctor: (...args: readonly string[]) => Promise<Examined>;
  readonly close: () => void;
}

export function openPractice(): Practice {
  const repository = enterRepository();
  for (const name of ['GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_API_URL', 'GITHUB_SERVER_URL', 'GITHUB_REPOSITORY']) {
    vi.stubEnv(name, undefined);
  }
  return {
    repository,
    doctor: async (...args) => {
      const exitCode = await run(['doctor', '--format', 'json', '--output', '.git/doctor', '--quiet', ...args]);
      const { schema, findings } = JSON.parse(repository.read('.git/doctor')) as DoctorDocument;
      expect(schema).toBe('model-budget/doctor@1');
      return { exitCode, findings, levels: [...new Set(findings.map(({ id, level }) => `${id}: ${level}`))] };
    },
    close: () => {
      vi.unstubAllEnvs();
      repository.remove();
    },
  };
}

/** The only finding of that id. */
export function one(findings: readonly Finding[], id: string): Finding {
  const found = findings.filter((finding) => finding.id === id);
  expect(found.map((finding) => finding.id)).toEqual([id]);
  return found[0]!;
}

/** Without the filters of Git LFS, which is not installed everywhere. */
export function writeBlob({ folder, git }: TemporaryRepository, content: string): string {
  const path = join(folder, '.git', 'blob');
  writeFileSync(path, content);
  return git('hash-object', '-w', '--no-filters', '.git/blob');
}
