/** `model-budget lint`: all that is wrong with the config, each with its line and the nearest known word. */
import type { Command } from 'commander';
import { defaultConfigPath, isTargetFile, lintConfig, parseConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { parseTarget } from '../schedule/target-file.ts';
import { resolveTarget } from '../schedule/target-id.ts';
import type { Target } from '../schedule/target.ts';
import { allTargets, readLocalFile, shippedBase, type ReadOwnFile } from '../files/hardware.ts';
import { addOutputOptions, type CommonOptions } from './options.ts';
import { writeOutput } from './output.ts';
import { jsonLine } from '../report/json-line.ts';

export interface LintFinding {
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
    const findings = await findingsIn(options.config, readLocalFile);
    writeOutput(
      options.format === 'json' ? documentOf(options.config, findings) : textOf(options.config, findings),
      options.output,
    );
    finish(findings.length === 0 ? 0 : 2);
  });
}

/** `read`: the config and the target files that it names. @throws UserError where there is no such config. */
export async function findingsIn(path: string, read: ReadOwnFile): Promise<readonly LintFinding[]> {
  const text = read(path);
  const shipped = await allTargets();
  const hardware = [...new Set(shipped.map((target) => target.hardware))];
  const mistakes = caught(path, () => lintConfig(text, path, hardware).map((mistake) => ({ path, ...mistake })));
  return mistakes.length > 0 ? mistakes : mistakesInTargets(text, { path, read, shipped });
}

interface Context {
  readonly path: string;
  readonly read: ReadOwnFile;
  readonly shipped: readonly Target[];
}

/** Versions, variants and target files are looked at only when the config itself is sound. */
function mistakesInTargets(text: string, { path, read, shipped }: Context): readonly LintFinding[] {
  return parseConfig(text, path).targets.flatMap(({ id, line = 1 }) => {
    return caught(path, () => {
      if (isTargetFile(id)) parseTarget(read(id), id, shippedBase);
      else resolveTarget(id, shipped);
      return [];
    }).map((finding) => (finding.path === path ? { ...finding, line } : finding));
  });
}

/** What stops the reading (`path:line: message`) is a finding too. */
function caught(path: string, find: () => readonly LintFinding[]): readonly LintFinding[] {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [, where = path, line = '1', message] = /^(.+?):(\d+): (.*)$/s.exec(error.message) ?? [];
    return [{ path: where, line: Number(line), message: message ?? withoutPath(error.message, path) }];
  }
}

/** Of a file that is wrong as a whole. */
function withoutPath(message: string, path: string): string {
  return message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
}

function textOf(path: string, findings: readonly LintFinding[]): string {
  if (findings.length === 0) return `${path}: no mistakes`;
  return findings.map(({ path: where, line, message }) => `${where}:${String(line)}: ${message}`).join('\n');
}

function documentOf(path: string, findings: readonly LintFinding[]): string {
  return jsonLine({ schema: 'model-budget/lint@1', path, findings });
}
