/** What the App answers besides webhooks: health, figures, pictures, report pages. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pageAt, pagePath, pictureAt, picturePath } from './picture-server.ts';
import type { Service } from './service.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export function routesOf({ queue, metrics }: Service, storage: string): Handler {
  return async (request, response) => {
    const path = (request.url ?? '').split('?')[0]!;
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    if (path === '/healthz') return tellHealth(response, await queue.isHealthy());
    if (path === '/metrics') {
      response.writeHead(200, { 'content-type': metrics.contentType }).end(await metrics.text());
      return true;
    }
    if (path.startsWith(picturePath)) return showPicture(response, await pictureAt(path, storage));
    if (path.startsWith(pagePath)) return showPage(response, await pageAt(path, storage));
    return false;
  };
}

function tellHealth(response: ServerResponse, isHealthy: boolean): true {
  const words = isHealthy ? 'ok\n' : 'the queue cannot take jobs\n';
  response.writeHead(isHealthy ? 200 : 503, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(words);
  return true;
}

/** The address names the content, so that a picture that was seen once never changes. */
function showPicture(response: ServerResponse, png: Buffer | null): true {
  if (png === null) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no such picture\n');
    return true;
  }
  response
    .writeHead(200, {
      'content-type': 'image/png',
      'content-length': String(png.length),
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'",
    })
    .end(png);
  return true;
}

/**
 * A page of our own address with names of somebody's model in it: it runs as a document of no address at all, so that it
 * reaches nothing here, whatever it holds.
 */
function showPage(response: ServerResponse, html: Buffer | null): true {
  if (html === null) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no such page; a newer one may be in the comment\n');
    return true;
  }
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(html.length),
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': "sandbox allow-scripts allow-downloads; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    })
    .end(html);
  return true;
}
