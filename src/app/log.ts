/** The App's log: JSON, a line for each event. Nothing secret is given to it. */
import { destination, pino, type Logger } from 'pino';

export function logger(level: string): Logger {
  // Probot logs requests that went wrong with their headers: signatures and cookies are among them.
  return pino({ name: 'model-budget', level, redact: { paths: ['req.headers'], remove: true } });
}

let ofThread: Logger | undefined;

/** Written at once: a thread may be ended at any time. */
export function threadLogger(): Logger {
  ofThread ??= pino(
    { name: 'model-budget', level: process.env.LOG_LEVEL ?? 'info' },
    destination({ dest: 1, sync: true }),
  );
  return ofThread;
}
