// Answers of a server on this machine: whole, broken off, packed, moved.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { countingFetch, fetchWhole } from '../../src/github/transport.ts';

/** Its address; what it was asked. */
async function serve(listener: RequestListener) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['accept-encoding']}`);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const accepted = { accept: 'application/vnd.github.v3+json' };

test('an answer to JSON is parsed, with its headers, whatever it was packed with', async () => {
  const { address, asked } = await serve((request, response) => {
    const text = JSON.stringify({ ids: [1, 2], name: 'größer' });
    const isPacked = request.url === '/packed';
    if (isPacked) response.setHeader('content-encoding', 'gzip');
    response.setHeader('X-Rate', ['one', 'two']).end(isPacked ? gzipSync(text) : text);
  });
  for (const path of ['/plain', '/packed']) {
    const answer = await fetchWhole(`${address}${path}`, { headers: accepted });
    expect(answer).toMatchObject({ ok: true, status: 200, body: { ids: [1, 2], name: 'größer' } });
    expect(answer.headers.get('x-rate')).toBe('one, two');
  }
  expect(asked).toEqual(['GET /plain gzip', 'GET /packed gzip']);
});

test.each([
  ['cut JSON', '{"files": ['],
  ['no JSON', '<html>'],
  ['nothing', ''],
])('%s is no answer', async (_, text) => {
  const { address } = await serve((__, response) => void response.end(text));
  await expect(fetchWhole(address, { headers: accepted })).rejects.toThrow('not the JSON');
});

test('an answer that breaks off is none, packed or not', async () => {
  const whole = JSON.stringify({ files: Array.from({ length: 1000 }, (_, index) => `file-${index}`) });
  const { address } = await serve((request, response) => {
    const bytes = request.url === '/packed' ? gzipSync(whole) : Buffer.from(whole);
    if (request.url === '/packed') response.setHeader('content-encoding', 'gzip');
    response.setHeader('content-length', bytes.length);
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  });
  for (const path of ['/plain', '/packed']) {
    await expect(fetchWhole(`${address}${path}`, { headers: accepted })).rejects.toThrow();
  }
});

test('a refusal keeps its words', async () => {
  const { address } = await serve((_, response) => {
    response.writeHead(422, { 'content-type': 'application/json' }).end('{"message":"Validation Failed"}');
  });
  const answer = await fetchWhole(address, { headers: accepted });
  expect([answer.ok, answer.status, await answer.text()]).toEqual([false, 422, '{"message":"Validation Failed"}']);
});

test('what has moved is followed, with what was sent', async () => {
  const bodies: string[] = [];
  const { address, asked } = await serve((request, response) => {
    if (request.url !== '/new') {
      response.writeHead(307, { location: '/new' }).end();
      return;
    }
    request.on('data', (chunk: Buffer) => void bodies.push(chunk.toString()));
    request.on('end', () => void response.writeHead(201).end('{"id":7}'));
  });
  const answer = await fetchWhole(`${address}/old`, { method: 'POST', headers: accepted, body: '{"a":1}' });
  expect([answer.status, answer.body, bodies]).toEqual([201, { id: 7 }, ['{"a":1}']]);
  expect(asked.at(-1)).toMatch(/^POST \/new /);
});

test('bytes that are asked for raw stay what they are', async () => {
  const { address } = await serve((_, response) => void response.end(Buffer.from([0, 255, 10])));
  const answer = await fetchWhole(address, { headers: { accept: 'application/vnd.github.v3.raw' } });
  expect([...new Uint8Array((await answer.arrayBuffer()) as ArrayBuffer)]).toEqual([0, 255, 10]);
});

test('tries are counted, those without an answer too', async () => {
  const { address, asked } = await serve((request, response) => {
    if (asked.length === 1) request.socket.destroy();
    else response.end('{}');
  });
  const counting = countingFetch();
  await expect(counting.fetch(address, { headers: accepted })).rejects.toThrow();
  expect((await counting.fetch(address, { headers: accepted })).body).toEqual({});
  expect(counting.tries()).toBe(2);
});
