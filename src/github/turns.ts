/**
 * Turns for requests, in place of the library that the throttling plug-in brings along: what waits for what, and how long,
 * the plug-in decides as before. That library, at three turns for a read, would be a fifth of what a review costs the App.
 */
import { setTimeout as wait } from 'node:timers/promises';

type Values = readonly never[];
type Work<Result> = (...values: Values) => Promise<Result>;
type Listener = (...values: readonly unknown[]) => unknown;

export interface LaneSettings {
  readonly maxConcurrent?: number;
  /** Milliseconds from one start to the next. */
  readonly minTime?: number;
}

export interface Lane {
  /** `weight` 0: tried again, which comes first and takes no place. */
  readonly schedule: <Result>(
    options: { readonly weight?: number },
    work: Work<Result>,
    ...values: Values
  ) => Promise<Result>;
  readonly isIdle: () => boolean;
}

export function createLane({ maxConcurrent = Infinity, minTime = 0 }: LaneSettings): Lane {
  const waiting: { readonly start: () => void; readonly isFree: boolean }[] = [];
  let active = 0;
  let nextStart = 0;
  let timer: NodeJS.Timeout | undefined;
  const startSome = (): void => {
    for (let [next] = waiting; next !== undefined && timer === undefined; [next] = waiting) {
      if (!next.isFree && active >= maxConcurrent) return;
      const now = Date.now();
      if (now < nextStart) {
        timer = setTimeout(() => {
          timer = undefined;
          startSome();
        }, nextStart - now);
        return;
      }
      nextStart = now + minTime;
      if (!next.isFree) active += 1;
      waiting.shift();
      next.start();
    }
  };
  return {
    isIdle: () => active === 0 && waiting.length === 0 && Date.now() >= nextStart,
    schedule: async ({ weight = 1 }, work, ...values) => {
      const isFree = weight === 0;
      await new Promise<void>((start) => {
        waiting[isFree ? 'unshift' : 'push']({ start, isFree });
        startSome();
      });
      try {
        return await work(...values);
      } finally {
        if (!isFree) active -= 1;
        startSome();
      }
    },
  };
}

const mostIdleLanes = 1000;

/** A lane for each account. */
function createGroup(settings: LaneSettings): { readonly key: (account: string) => Lane } {
  const lanes = new Map<string, Lane>();
  const forgetIdle = (): void => {
    for (const [account, lane] of lanes) if (lane.isIdle()) lanes.delete(account);
  };
  return {
    key: (account) => {
      const known = lanes.get(account);
      if (known !== undefined) return known;
      if (lanes.size >= mostIdleLanes) forgetIdle();
      const lane = createLane(settings);
      lanes.set(account, lane);
      return lane;
    },
  };
}

/** Gives `target` a way to listen, and who has it a way to tell. */
function createEvents(target: { on?: (name: string, listener: Listener) => void }) {
  const listeners = new Map<string, Listener>();
  target.on = (name, listener) => void listeners.set(name, listener);
  return { trigger: (name: string, ...values: readonly unknown[]) => listeners.get(name)?.(...values) };
}

/** Says in how many milliseconds what failed is worth another try. */
type Failed = (error: unknown, info: { readonly args: Values }) => Promise<number | undefined>;

/** Work that starts at once, again as often as its listener says. */
function createRepeats() {
  let failed: Failed | undefined;
  return {
    on: (_: 'failed', listener: Failed): void => {
      failed = listener;
    },
    schedule: async <Result>(work: Work<Result>, ...values: Values): Promise<Result> => {
      for (;;) {
        try {
          return await work(...values);
        } catch (error) {
          const pause = await failed?.(error, { args: values });
          if (pause === undefined) throw error;
          await wait(pause);
        }
      }
    },
  };
}

/** What the plug-in makes with `new`, which arrow functions do not have. */
export const turns = Object.assign(
  function () {
    return createRepeats();
  },
  {
    Group: function (settings: LaneSettings) {
      return createGroup(settings);
    },
    Events: function (target: Parameters<typeof createEvents>[0]) {
      return createEvents(target);
    },
  },
);
