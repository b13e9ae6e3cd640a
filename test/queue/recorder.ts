// A handler that tests steer and look at.
import { vi } from 'vitest';
import type { AttemptContext, Work } from '../../src/queue/queue.ts';
import type { QueueSettings } from '../../src/queue/settings.ts';

export interface Task {
  readonly name: string;
}

export interface Recorder {
  readonly work: Work<Task>;
  /** `name#attempt`, in the order in which they began. */
  readonly begun: string[];
  readonly ended: string[];
  /** `name: message` */
  readonly failed: string[];
}

export type Step = (task: Task, context: AttemptContext) => Promise<void>;

export function recorder(step: Step = () => Promise.resolve()): Recorder {
  const [begun, ended, failed]: [string[], string[], string[]] = [[], [], []];
  const work: Work<Task> = {
    handle: async (task, context) => {
      begun.push(`${task.name}#${context.attempt}`);
      await step(task, context);
      ended.push(task.name);
    },
    onFailed: (task, error) => {
      failed.push(`${task.name}: ${error.message}`);
      return Promise.resolve();
    },
  };
  return { work, begun, ended, failed };
}

/** Pauses as short as tests want them. A lease outlasts what a process may have to wait for its turn on a machine under load. */
export const quick: Partial<QueueSettings> & Pick<QueueSettings, 'log'> = {
  retryMilliseconds: 20,
  abandonMilliseconds: 50,
  graceMilliseconds: 5_000,
  leaseMilliseconds: 10_000,
  log: () => undefined,
};

/** A door that a handler waits at until the test opens it. */
export function door(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Waits until the check no longer throws. */
export async function eventually(check: () => unknown, timeout = 120_000): Promise<void> {
  await vi.waitFor(check, { timeout, interval: 10 });
}
