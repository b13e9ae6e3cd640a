/** One page for one reader on this machine, until it is told to stop. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PageServer {
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** The page's own policy lets nothing in or out; what a browser must know before it reads the page stands here. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "frame-ancestors 'none'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** On a free port of this machine alone, under a path that other users and web pages do not know. */
export async function servePage(html: string): Promise<PageServer> {
  const body = Buffer.from(html);
  const path = `/${randomBytes(18).toString('base64url')}/`;
  const server = createServer((request, response) => {
    answer(request, response, isAsked(request, path, port()) ? body : null);
  });
  const port = (): number => (server.address() as AddressInfo).port;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${port()}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** By a name of this machine: a name of somebody else's that leads here (DNS rebinding) reads nothing. */
function isAsked({ url, headers: { host } }: IncomingMessage, path: string, port: number): boolean {
  return url === path && (host === `127.0.0.1:${port}` || host === `localhost:${port}`);
}

function answer({ method }: IncomingMessage, response: ServerResponse, body: Buffer | null): void {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
  } else if (body === null) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is nothing here.\n');
  } else {
    response.writeHead(200, { ...headers, 'content-length': body.byteLength });
    response.end(method === 'GET' ? body : undefined);
  }
}
