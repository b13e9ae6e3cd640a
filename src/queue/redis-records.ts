import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { jobId, type Entry, type Job } from './queue.ts';

/** An entry as it lies in Redis; another version is other data. */
export interface VersionedEntry<Data> extends Entry<Data> {
  readonly version: string;
}

/** Which job a ticket is for. */
export type Named = Pick<Job<unknown>, 'group' | 'key'>;

/**
 * The jobs themselves: a hash for each, with its newest data. As long as it is there, the job is not done. What BullMQ
 * carries are tickets, which say that there may be something to do for a job; one too many does no harm.
 */
export interface Records<Data> {
  readonly put: (job: Job<Data>) => Promise<void>;
  /** Counts a start and gives the newest data; undefined where the job is done. */
  readonly take: (id: string) => Promise<VersionedEntry<Data> | undefined>;
  /** Notes a failure and says whether it still counts: it does not if there is newer data. */
  readonly fail: (entry: VersionedEntry<Data>, failures: number, error: Error) => Promise<boolean>;
  /** Takes the start back that `take` counted. */
  readonly giveBack: (entry: VersionedEntry<Data>) => Promise<void>;
  /** Forgets the job, unless there is newer data. */
  readonly settle: (entry: VersionedEntry<Data>) => Promise<void>;
  /** Jobs that are not done, a few hundred at a time. */
  readonly all: () => AsyncGenerator<Named[]>;
}

const takeScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
redis.call('HINCRBY', KEYS[1], 'starts', 1)
return redis.call('HMGET', KEYS[1], 'version', 'group', 'key', 'data', 'failures', 'starts', 'error')`;

const failScript = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'failures', ARGV[2], 'error', ARGV[3])
return 1`;

const giveBackScript = `
if redis.call('HGET', KEYS[1], 'version') == ARGV[1] then redis.call('HINCRBY', KEYS[1], 'starts', -1) end`;

const settleScript = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[2])`;

/** What `takeScript` returns. */
type Fields = [
  version: string,
  group: string,
  key: string,
  data: string,
  failures: string,
  starts: string,
  error: string,
];

export function createRecords<Data>(redis: Redis, prefix: string): Records<Data> {
  const recordKey = (id: string): string => `${prefix}:record:${id}`;
  const index = `${prefix}:records`;
  const run = (script: string, id: string, ...values: string[]): Promise<unknown> =>
    redis.eval(script, 2, recordKey(id), index, ...values);

  return {
    put: async (job) => {
      const id = jobId(job);
      const { group, key } = job;
      const fields = { version: randomUUID(), group, key, data: JSON.stringify(job.data) };
      const fresh = { failures: 0, starts: 0, error: '' };
      const results = await redis
        .multi()
        .hset(recordKey(id), { ...fields, ...fresh })
        .sadd(index, id)
        .exec();
      const problem = results === null ? new Error('Redis refused the job') : results.find(([error]) => error)?.[0];
      if (problem) throw problem;
    },
    take: async (id) => {
      const fields = (await run(takeScript, id)) as Fields | null;
      return fields === null ? undefined : entryOf(id, fields);
    },
    fail: async ({ id, version }, failures, error) =>
      (await run(failScript, id, version, String(failures), error.message)) === 1,
    giveBack: async ({ id, version }) => {
      await run(giveBackScript, id, version);
    },
    settle: async ({ id, version }) => {
      await run(settleScript, id, version, id);
    },
    all: async function* () {
      for await (const ids of redis.sscanStream(index, { count: 500 }) as AsyncIterable<string[]>) {
        const named = await Promise.all(ids.map((id) => redis.hmget(recordKey(id), 'group', 'key')));
        yield named.flatMap(([group, key]) => (group && key ? [{ group, key }] : []));
      }
    },
  };
}

function entryOf<Data>(id: string, fields: Fields): VersionedEntry<Data> {
  const [version, group, key, data, failures, starts, lastError] = fields;
  const counts = { failures: Number(failures), starts: Number(starts) };
  const entry = { id, version, group, key, data: JSON.parse(data) as Data, ...counts };
  return lastError === '' ? entry : { ...entry, lastError };
}
