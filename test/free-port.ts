/** Ports for servers that want to be told one. */
import { createServer } from 'node:net';

const portsOfWorker = 1000;

/** Below the ports that systems give to who asks for any (32768 on, Linux). */
const first = 20_000 + portsOfWorker * (Number(process.env.VITEST_POOL_ID ?? 0) % 12);

let asked = 0;

/**
 * A port that no other server of the tests gets: one that was free for a moment may be given away before it is used, and two
 * programs that listen at one address are taken for each other.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < portsOfWorker; tries++) {
    const port = first + (asked++ % portsOfWorker);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${first} on`);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
