import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openQueue } from '../../src/queue/index.ts';
import { openJournal } from '../../src/queue/journal.ts';
import { jobId } from '../../src/queue/queue.ts';
import { eventually, quick, recorder, type Task } from './recorder.ts';

let folder: string;
let lines: string[];
const log = (line: string) => void lines.push(line);
const filesLeft = () => readdirSync(folder).sort();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'queue-journal-'));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry = (name: string, sequence: number) => {
  const named = { key: name, group: 'group' };
  return { ...named, id: jobId(named), data: { name }, failures: 0, starts: 0, sequence };
};

describe('the journal', () => {
  test('gives back what is not settled, in the order in which it came', async () => {
    const journal = await openJournal<Task>(folder, log);
    const [one, two, three] = [entry('one', 1), entry('two', 2), entry('three', 3)];
    for (const item of [three, one, two]) await journal.save(item);
    await journal.update({ ...one, failures: 2, starts: 3, lastError: 'away' });
    await journal.settle(two);
    await journal.close();
    const { left, close } = await openJournal<Task>(folder, log);
    expect(left).toEqual([{ ...one, failures: 2, starts: 3, lastError: 'away' }, three]);
    await close();
  });

  test('keeps newer data when what is settled or updated is older', async () => {
    const journal = await openJournal<Task>(folder, log);
    const old = entry('one', 1);
    const newer = { ...old, data: { name: 'newer' }, sequence: 2 };
    await Promise.all([journal.save(old), journal.save(newer), journal.update(old), journal.settle(old)]);
    await journal.close();
    const { left, close } = await openJournal<Task>(folder, log);
    expect(left).toEqual([newer]);
    await close();
  });

  test('sets aside what it cannot read, with a line in the log, and removes drafts', async () => {
    const good = entry('good', 1);
    const { id, ...record } = good;
    writeFileSync(join(folder, `${id}.json`), JSON.stringify(record));
    writeFileSync(join(folder, 'cut.json'), '{"key":"a","gro');
    writeFileSync(join(folder, 'other.json'), JSON.stringify(record));
    writeFileSync(join(folder, 'half.draft'), '{');
    const { left, close } = await openJournal<Task>(folder, log);
    expect(left).toEqual([good]);
    await close();
    expect(filesLeft()).toEqual([`${id}.json`, 'cut.json.unreadable', 'other.json.unreadable'].sort());
    expect(lines).toEqual([
      `${join(folder, 'cut.json')} is no job that can be read: set aside as cut.json.unreadable`,
      `${join(folder, 'other.json')} is no job that can be read: set aside as other.json.unreadable`,
    ]);
  });

  test('has nothing left when all is done', async () => {
    const { work, ended } = recorder();
    const queue = await openQueue<Task>({ journalFolder: folder }, quick, work);
    await Promise.all([1, 2, 3].map((n) => queue.add({ key: `k${n}`, group: 'g', data: { name: `n${n}` } })));
    await eventually(() => expect(ended.length).toBe(3));
    await queue.close();
    expect(filesLeft()).toEqual([]);
  });

  test('refuses a job that it cannot keep, and says that it is not healthy', async () => {
    const { work, begun } = recorder();
    const queue = await openQueue<Task>({ journalFolder: folder }, quick, work);
    rmSync(folder, { recursive: true });
    await expect(queue.add({ key: 'a', group: 'a', data: { name: 'a' } })).rejects.toThrow('ENOENT');
    expect(await queue.isHealthy()).toBe(false);
    expect(begun).toEqual([]);
    await queue.close();
  });

  test('gives a job up that its process keeps dying at', async () => {
    const { id, ...record } = entry('poison', 1);
    writeFileSync(join(folder, `${id}.json`), JSON.stringify({ ...record, starts: 3, failures: 1 }));
    const { work, begun, failed } = recorder();
    const queue = await openQueue<Task>({ journalFolder: folder }, { ...quick, maximumStarts: 3 }, work);
    await eventually(() => expect(failed).toEqual(['poison: its process ended 2 times while it worked on this job']));
    expect(begun).toEqual([]);
    await queue.close();
    expect(filesLeft()).toEqual([]);
  });
});

describe('the lock of a folder', () => {
  const lockOf = (pid: number, host = hostname()) =>
    writeFileSync(join(folder, 'lock'), JSON.stringify({ token: 'other', pid, host }));
  /** A number that no process has: that of one which has ended. */
  const goneProcess = () => spawnSync(process.execPath, ['-e', '']).pid;
  const touch = (secondsAgo = 0) => {
    const time = Date.now() / 1000 - secondsAgo;
    utimesSync(join(folder, 'lock'), time, time);
  };

  test('refuses a folder whose holder lives', async () => {
    lockOf(process.ppid);
    const timer = setInterval(touch, 300);
    try {
      await expect(openJournal(folder, log)).rejects.toThrow(
        `${folder} is in use by process ${process.ppid} on ${hostname()}: stop that one, or give this one another folder`,
      );
    } finally {
      clearInterval(timer);
    }
    expect(lines).toEqual([`${join(folder, 'lock')} is held by another process: waiting for a sign of life`]);
  });

  test('is taken over at once from a process that is gone, and let go at the end', async () => {
    lockOf(goneProcess());
    const journal = await openJournal(folder, log);
    expect(lines).toEqual([]);
    await journal.close();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  test('is taken over from a process elsewhere, or whose number another has, when it has long been silent', async () => {
    lockOf(goneProcess(), 'elsewhere');
    touch(61);
    await (await openJournal(folder, log)).close();
    lockOf(process.ppid);
    touch(61);
    await (await openJournal(folder, log)).close();
    writeFileSync(join(folder, 'lock'), 'nonsense');
    await (await openJournal(folder, log)).close();
    expect(filesLeft()).toEqual([]);
  });
});
