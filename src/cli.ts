#!/usr/bin/env node
/** The command line. Exit codes: 2 wrong usage, config or file · 1 a budget fails · 3 a budget not measured · 0 else. */
import { Command, CommanderError } from 'commander';
import packageDescription from '../package.json' with { type: 'json' };
import { remark } from './cli/output.ts';
import { UserError } from './errors.ts';

const usageExitCode = 2;

/** A command adds itself to the program and hands its exit code to `finish`. */
interface CommandModule {
  addCommand(program: Command, finish: (exitCode: number) => void): void;
}

/** In the order of the help. Loaded when asked for: `targets` must not wait for the chart library. */
const commands: ReadonlyMap<string, () => Promise<CommandModule>> = new Map([
  ['diff', () => import('./cli/diff.ts')],
  ['inspect', () => import('./cli/inspect.ts')],
  ['compile', () => import('./cli/compile.ts')],
  ['simulate', () => import('./cli/simulate.ts')],
  ['targets', () => import('./cli/targets.ts')],
  ['lint', () => import('./cli/lint.ts')],
]);

async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('model-budget')
    .description('Compiles neural-network files for the hardware they must run on and judges what a change costs.')
    .version(packageDescription.version)
    .exitOverride();
  const asked = commands.get(args[0] ?? '');
  for (const load of asked === undefined ? commands.values() : [asked]) {
    (await load()).addCommand(program, (code) => (exitCode = code));
  }
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(args, { from: 'user' });
  return exitCode;
}

/** One line for mistakes of the user's; a stack for mistakes of ours. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode; // it has printed its message
  if (error instanceof UserError) remark(`error: ${error.message}`);
  else
    remark(
      `model-budget failed, which is a defect of the program:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  return usageExitCode;
}

process.exitCode = await main(process.argv.slice(2)).catch(exitCodeOf);
