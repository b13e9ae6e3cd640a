import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { digestOf } from './queue.ts';

/** A group that this process alone works on. */
export interface Lease {
  /** Aborted when the lease could not be renewed in time: another process may have the group by now. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
}

const renewScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** Undefined while another job of the group is under way. A process that dies lets go when the time is over. */
export async function leaseGroup(
  redis: Redis,
  prefix: string,
  group: string,
  milliseconds: number,
): Promise<Lease | undefined> {
  const key = `${prefix}:group:${digestOf([group])}`;
  const token = randomUUID();
  // Counted from before Redis was asked, so that it is never later than what Redis counts.
  let expires = Date.now() + milliseconds;
  if ((await redis.set(key, token, 'PX', milliseconds, 'NX')) === null) return undefined;
  const lost = new AbortController();
  const lose = (): void => lost.abort(new Error('the lock of the group was lost'));
  const renew = async (): Promise<void> => {
    const now = Date.now();
    // A process that stood still for that long is told before Redis has answered.
    if (now > expires) lose();
    const isRenewed = await redis.eval(renewScript, 1, key, token, milliseconds).catch(() => undefined);
    if (isRenewed === 1) expires = now + milliseconds;
    else if (isRenewed === 0 || Date.now() > expires) lose();
  };
  const timer = setInterval(() => void renew(), milliseconds / 4);
  return {
    lost: lost.signal,
    release: async () => {
      clearInterval(timer);
      await redis.eval(releaseScript, 1, key, token);
    },
  };
}
