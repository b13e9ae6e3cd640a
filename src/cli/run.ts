/** One call of the command line, from its arguments to its exit code. */
import { Command, CommanderError } from 'commander';
import packageDescription from '../../package.json' with { type: 'json' };
import { UserError } from '../errors.ts';
import { remark, remarkLines, writeOutput } from './output.ts';

const usageExitCode = 2;

/** A command adds itself to the program and hands its exit code to `finish`. */
interface CommandModule {
  addCommand(program: Command, finish: (exitCode: number) => void): void;
}

/** In the order of the help. Loaded when asked for: `targets` must not wait for the chart library. */
const commands: ReadonlyMap<string, () => Promise<CommandModule>> = new Map([
  ['diff', () => import('./diff.ts')],
  ['view', () => import('./view.ts')],
  ['inspect', () => import('./inspect.ts')],
  ['compile', () => import('./compile.ts')],
  ['simulate', () => import('./simulate.ts')],
  ['optimize', () => import('./optimize.ts')],
  ['explain', () => import('./explain.ts')],
  ['targets', () => import('./targets.ts')],
  ['init', () => import('./init.ts')],
  ['lint', () => import('./lint.ts')],
  ['doctor', () => import('./doctor.ts')],
]);

/** 2: wrong usage, config or file · 1: a budget fails · 3: a budget could not be measured · 0: else. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    return exitCodeOf(error);
  }
}

async function dispatch(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('model-budget')
    .description('Compiles neural-network files for the hardware they must run on and judges what a change costs.')
    .version(packageDescription.version)
    .configureOutput({ writeOut: (text) => writeOutput(text, undefined), writeErr: remarkLines })
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
  // Commander has printed its message; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
  if (error instanceof UserError) remark(`error: ${error.message}`);
  else remarkLines(`model-budget failed, which is a defect of the program:\n${stackOf(error)}`);
  return usageExitCode;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
