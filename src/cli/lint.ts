/** `model-budget lint`: all that is wrong with the config, each with its line and the nearest known word. */
import type { Command } from 'commander';
import { defaultConfigPath, isTargetFile, lintConfig, parseConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { parseTarget } from '../schedule/target-file.ts';
import { allTargets, readLocalFile } from '../files/hardware.ts';
import { addOutputOptions, type CommonOptions } from './options.ts';
import { writeOutput } from './output.ts';
import { jsonLine } from '../report/json-line.ts';

interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('lint')
    .option('--config <file>', 'the config to check', defaultConfigPath)
    .description('check the config and the target files it names');
  addOutputOptions(command, ['text', 'json']).action(async (options: CommonOptions & { readonly config: string }) => {
    const findings = await findingsIn(options.config);
    writeOutput(
      options.format === 'json' ? documentOf(options.config, findings) : textOf(options.config, findings),
      options.output,
    );
    finish(findings.length === 0 ? 0 : 2);
  });
}

async function findingsIn(path: string): Promise<readonly Finding[]> {
  const text = readLocalFile(path);
  const hardware = [...new Set((await allTargets()).map((target) => target.hardware))];
  const mistakes = caught(path, () => lintConfig(text, path, hardware).map((mistake) => ({ path, ...mistake })));
  return mistakes.length > 0 ? mistakes : ownTargetFiles(text, path);
}

/** Target files that the config names are read only when the config itself is sound. */
function ownTargetFiles(text: string, path: string): readonly Finding[] {
  return parseConfig(text, path).targets.flatMap(({ id, line = 1 }) => {
    if (!isTargetFile(id)) return [];
    return caught(path, () => {
      parseTarget(readLocalFile(id), id);
      return [];
    }).map((finding) => (finding.path === path ? { ...finding, line } : finding));
  });
}

/** What stops the reading (`path:line: message`) is a finding too. */
function caught(path: string, find: () => readonly Finding[]): readonly Finding[] {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [, where = path, line = '1', message = error.message] = /^(.+?):(\d+): (.*)$/s.exec(error.message) ?? [];
    return [{ path: where, line: Number(line), message }];
  }
}

function textOf(path: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return `${path}: no mistakes`;
  return findings.map(({ path: where, line, message }) => `${where}:${String(line)}: ${message}`).join('\n');
}

function documentOf(path: string, findings: readonly Finding[]): string {
  return jsonLine({ schema: 'model-budget/lint@1', path, findings });
}
