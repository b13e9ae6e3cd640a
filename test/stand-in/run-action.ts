// Runs a built action as the runner does: a process of its own, with the runner's environment and nothing of the
// developer's but PATH and HOME.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Environment } from './runner.ts';

export interface ActionRunOptions {
  /** Path of the script that action.yml names */
  readonly script: string;
  readonly environment: Environment;
  /** Command that runs it, such as ["npx", "--yes", "node@24"]; this Node by default */
  readonly node?: readonly string[];
  /** The run is killed after this time; two minutes by default */
  readonly timeoutMilliseconds?: number;
  /** The run gets SIGTERM once this is fulfilled, as when somebody cancels it */
  readonly cancelled?: Promise<void>;
}

export interface ActionRun {
  /** null: it was killed */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Name -> value, as later steps read them */
  readonly outputs: Readonly<Record<string, string>>;
  /** Markdown of the job summary */
  readonly summary: string;
  readonly milliseconds: number;
}

const defaultTimeoutMilliseconds = 120_000;

export async function runAction(options: ActionRunOptions): Promise<ActionRun> {
  const { script, environment, node = [process.execPath] } = options;
  const began = performance.now();
  const [command, ...first] = node;
  const inherited = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
  const child = spawn(command!, [...first, script], {
    cwd: environment.GITHUB_WORKSPACE ?? process.cwd(),
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what the command starts ends with it.
    detached: true,
  });
  const timer = setTimeout(() => killGroup(child), options.timeoutMilliseconds ?? defaultTimeoutMilliseconds);
  void options.cancelled?.then(() => child.kill('SIGTERM'));
  const [stdout, stderr, exitCode] = await Promise.all([
    collected(child, 'stdout'),
    collected(child, 'stderr'),
    ended(child),
  ]);
  clearTimeout(timer);
  const milliseconds = performance.now() - began;
  const outputs = parseOutputs(written(environment.GITHUB_OUTPUT));
  return { exitCode, stdout, stderr, outputs, summary: written(environment.GITHUB_STEP_SUMMARY), milliseconds };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

async function collected(child: ChildProcess, name: 'stdout' | 'stderr'): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of child[name]!) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

const written = (path: string | undefined): string =>
  path === undefined || !existsSync(path) ? '' : readFileSync(path, 'utf8');

/** `name=value` on a line, or `name<<DELIMITER`, lines, `DELIMITER`. Throws where the runner would fail the step. */
export function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!;
    if (line === '') continue;
    const long = /^([^=]*?)<<(.+)$/.exec(line);
    const short = /^([^=]+)=(.*)$/.exec(line);
    if (long !== null) {
      const end = lines.indexOf(long[2]!, at + 1);
      if (end < 0) throw new Error(`invalid value: no matching delimiter found for ${long[2]!}`);
      outputs[long[1]!] = lines.slice(at + 1, end).join('\n');
      at = end;
    } else if (short === null) throw new Error(`invalid format: ${line}`);
    else outputs[short[1]!] = short[2]!;
  }
  return outputs;
}
