// A real Redis for the tests: the binary that MODEL_BUDGET_TEST_REDIS names, else the redis-server on the PATH.
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../free-port.ts';

/** Undefined where there is none: tests that need it are then skipped. */
export const redisBinary = process.env.MODEL_BUDGET_TEST_REDIS ?? onPath('redis-server');

export interface RedisServer {
  readonly url: string;
  /** kill -9; what it was told stays on its disk. */
  readonly kill: () => Promise<void>;
  readonly startAgain: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'queue-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server = await launch(folder, port, url);
  const kill = () => ended(server);
  return {
    url,
    kill,
    startAgain: async () => {
      server = await launch(folder, port, url);
    },
    remove: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string, port: number, url: string): Promise<ChildProcess> {
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const disk = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const server = spawn(redisBinary!, [...place, ...disk], { stdio: 'ignore' });
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
  return server;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.kill('SIGKILL');
  });
}

function onPath(name: string): string | undefined {
  const paths = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
