/** Starting a process of the App: variables of the environment and of a file `.env` beside it. */
import { existsSync } from 'node:fs';
import { UserError } from '../errors.ts';

/** What is set already wins over the file, which Probot's set-up writes. */
export function loadEnvironment(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** The end of a process: on the first signal in order, on the second at once. */
export function onStop(stop: () => Promise<void>): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

/** A user's mistake is one line, without a trace. */
export function fail(error: unknown): void {
  const text =
    error instanceof UserError ? error.message : error instanceof Error ? (error.stack ?? '') : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 2;
}
