// A process that works on jobs and is killed by the tests. It reads one request a line, and answers in lines:
//   {"add": {"key", "group", "name"}}  ->  added NAME
// Its one argument says where the queue is and where effects go. An effect is a file named after the job's data, so that
// doing it again changes nothing. A group is marked by a file while a job of it is under way.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue, type QueuePlace } from '../../src/queue/index.ts';
import type { QueueSettings } from '../../src/queue/settings.ts';

export interface Program {
  readonly place: QueuePlace;
  readonly settings: Partial<QueueSettings>;
  readonly folder: string;
  readonly longestMilliseconds: number;
}

interface Task {
  readonly name: string;
  readonly group: string;
}

const { place, settings, folder, longestMilliseconds } = JSON.parse(process.argv[2]!) as Program;
const inFolder = (...names: string[]): string => join(folder, ...names);
for (const name of ['effects', 'groups', 'marks', 'violations']) mkdirSync(inFolder(name), { recursive: true });

/**
 * A mark of a process that is gone is no violation. It comes into being with its number: a file that is written where it
 * will be read is empty when its process is killed between the two steps of that.
 */
function enter(group: string): void {
  const path = inFolder('groups', group);
  const written = inFolder('marks', `${group}-${process.pid}`);
  writeFileSync(written, String(process.pid));
  try {
    linkSync(written, path);
  } catch {
    const pid = Number(readFileSync(path, 'utf8'));
    if (pid === process.pid || isAlive(pid)) writeFileSync(inFolder('violations', group), `${pid} and ${process.pid}`);
    renameSync(written, path);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const queue = await openQueue<Task>(
  place,
  { ...settings, log: (line) => console.error(line) },
  {
    handle: async ({ name, group }) => {
      enter(group);
      await sleep(Math.random() * longestMilliseconds);
      writeFileSync(inFolder('effects', name), '');
      await sleep(Math.random() * longestMilliseconds);
      rmSync(inFolder('groups', group));
      if (Math.random() < 0.1) throw new Error('by chance');
    },
    onFailed: async ({ name }, error) => {
      writeFileSync(inFolder('violations', name), error.message);
      await Promise.resolve();
    },
  },
);

createInterface({ input: process.stdin }).on('line', (line) => {
  const { key, group, name } = (JSON.parse(line) as { add: { key: string; group: string; name: string } }).add;
  void queue.add({ key, group, data: { name, group } }).then(() => console.log(`added ${name}`));
});
console.log('ready');
