// As little of GitHub as a review needs, as fast as it goes: every repository is the same one, with pull requests that change the
// same model from heads of their own.
//
//   node bench/fake-github.mjs      prints its port; what the checks concluded is at /done
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const fixture = (name) => readFileSync(new URL(`../fixtures/models/${name}.onnx`, import.meta.url));
const config = Buffer.from(`version: 1
targets: [ethos-u55-256]
charts: ${process.env.CHARTS ?? 'text'}
budgets:
  - { metric: size, max: 5 MB }
  - { metric: latency, max: 1 ms }
`);

const blobs = new Map();
const blob = (bytes) => {
  const sha = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  blobs.set(sha, bytes);
  return { type: 'blob', mode: '100644', sha, size: bytes.length };
};
const trees = new Map();
const tree = (entries) => {
  const sha = createHash('sha1').update(JSON.stringify(entries)).digest('hex');
  trees.set(sha, entries);
  return { type: 'tree', mode: '040000', sha };
};
const commit = (model) => {
  const models = tree([{ path: 'detector.onnx', ...blob(model) }]);
  const settings = tree([{ path: 'model-budget.yml', ...blob(config) }]);
  const root = [
    { path: '.github', ...settings },
    { path: 'models', ...models },
  ];
  return tree(root).sha;
};
const base = commit(fixture('detector-nearest'));
const changedTree = trees.get(commit(fixture('detector-cubic')));
/** Of a pull request. */
const headOf = (number) => {
  const sha = createHash('sha1').update(`head ${number}`).digest('hex');
  trees.set(sha, changedTree);
  return sha;
};
const pullRequests = Number(process.env.PULL_REQUESTS ?? 1);

let next = 1;
const checks = new Map();
const comments = new Map();
let done = 0;
/** Of the App; the bench itself has no token. */
let requests = 0;

const pull = (name, number) => ({
  ...{ number, state: 'open', changed_files: 1, updated_at: '2026-01-01T00:00:00Z' },
  head: { sha: headOf(number), ref: 'change' },
  base: { ref: 'main', sha: base, repo: { full_name: name } },
});
const changed = [
  { filename: 'models/detector.onnx', status: 'modified', sha: 'x', additions: 0, deletions: 0, changes: 0 },
];
const app = { id: 1, slug: 'bench' };

/** Of a repository, by method and what follows its name. */
const routes = [
  ['GET', /^pulls\/(\d+)$/, ({ name, found }) => pull(name, Number(found))],
  ['GET', /^pulls$/, ({ name }) => Array.from({ length: pullRequests }, (_, index) => pull(name, index + 1))],
  ['GET', /^pulls\/\d+\/files$/, () => changed],
  ['GET', /^pulls\/(\d+)\/commits$/, ({ found }) => [{ sha: headOf(Number(found)) }]],
  ['GET', /^git\/ref\//, () => ({ object: { sha: base } })],
  ['GET', /^compare\//, () => ({ merge_base_commit: { sha: base }, files: changed, total_commits: 1, commits: [] })],
  ['GET', /^git\/trees\/(\w+)/, ({ found }) => ({ sha: found, truncated: false, tree: trees.get(found) })],
  [
    'GET',
    /^commits\/(\w+)\/check-runs$/,
    ({ name, found }) => {
      const runs = (checks.get(name) ?? []).filter((run) => run.head_sha === found);
      return { total_count: runs.length, check_runs: runs };
    },
  ],
  ['GET', /^issues\/(\d+)\/comments$/, ({ name, found }) => comments.get(`${name}#${found}`) ?? []],
  [
    'POST',
    /^check-runs$/,
    ({ name, body }) => {
      const run = { id: next++, ...body, conclusion: null, completed_at: null, app, output: body.output ?? {} };
      checks.set(name, [...(checks.get(name) ?? []), run]);
      return run;
    },
  ],
  [
    'PATCH',
    /^check-runs\/(\d+)$/,
    ({ name, body, found }) => {
      const run = checks.get(name).find(({ id }) => id === Number(found));
      Object.assign(run, body);
      return run;
    },
  ],
  [
    'POST',
    /^issues\/(\d+)\/comments$/,
    ({ name, body, found }) => {
      const place = `${name}#${found}`;
      const comment = { id: next++, body: body.body, user: { login: 'bench[bot]' }, html_url: 'https://x' };
      comments.set(place, [...(comments.get(place) ?? []), comment]);
      done += 1;
      return comment;
    },
  ],
];

function answer(method, url, body) {
  const path = url.split('?')[0];
  if (path === '/done') return { done, requests };
  if (path === '/app') return app;
  if (path === '/app/hook/deliveries' || path === '/app/installations') return [];
  if (path.endsWith('/access_tokens')) return { token: 'ghs_bench', expires_at: '2099-01-01T00:00:00Z' };
  const [, name, rest] = /^\/repos\/([^/]+\/[^/]+)\/(.*)$/.exec(path) ?? [];
  for (const [verb, pattern, reply] of routes) {
    const match = verb === method ? pattern.exec(rest ?? '') : null;
    if (match !== null) return reply({ name, body, found: match[1] });
  }
  return null;
}

const server = createServer((request, response) => {
  if (request.headers.authorization !== undefined) requests += 1;
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const bytes = blobs.get(/\/git\/blobs\/(\w+)/.exec(request.url)?.[1]);
    if (bytes !== undefined) {
      if (request.headers.accept?.includes('raw')) {
        response.writeHead(200, { 'content-type': 'application/vnd.github.raw' }).end(bytes);
      } else {
        const blob = { content: bytes.toString('base64'), encoding: 'base64', size: bytes.length };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(blob));
      }
      return;
    }
    const text = Buffer.concat(chunks).toString();
    const reply = answer(request.method, request.url, text === '' ? undefined : JSON.parse(text));
    const status = reply === null ? 404 : request.method === 'POST' ? 201 : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply ?? { message: 'no' }));
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
