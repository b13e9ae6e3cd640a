/** A bar on standard error while a long review runs; nothing where nobody watches. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** Shows what is worked on; `done` steps count towards the total. */
  show(text: string, done: boolean): void;
  stop(): void;
}

const silent: Progress = { show: () => undefined, stop: () => undefined };
const textWidth = 48;

export function progressBar(total: number, quiet: boolean): Progress {
  if (quiet || total < 2 || !process.stderr.isTTY) return silent;
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} {text}', clearOnComplete: true, hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(total, 0, { text: '' });
  return {
    show: (text, done) => {
      const payload = { text: printable(text) };
      if (done) bar.increment(payload);
      else bar.update(payload);
    },
    stop: () => {
      bar.stop();
    },
  };
}

/** Paths are foreign text: no control characters reach the terminal. */
function printable(text: string): string {
  const safe = text.replace(/\p{C}/gu, '?');
  return safe.length > textWidth ? `…${safe.slice(1 - textWidth)}` : safe;
}
