import fc from 'fast-check';
import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../src/github/client.ts';
import { markerOf, publishComment, type CommentRequest } from '../../src/github/comment.ts';
import { workflowToken, type StandInOptions, type Token } from '../stand-in/options.ts';
import { hostileText } from '../report/hostile-text.ts';
import { connect, connectStandIn, requested } from './connection.ts';

async function bench(options: Partial<StandInOptions> = {}) {
  const given = await connectStandIn({
    ...options,
    tokens: {
      'a-token': workflowToken({ contents: 'read', pull_requests: 'write' }),
      eve: person('eve'),
      ...options.tokens,
    },
  });
  const headSha = given.repository.git(['rev-parse', 'refs/heads/feature/one']).toString().trim();
  const request = (overrides: Partial<CommentRequest> = {}): CommentRequest => ({
    ...{ pullRequest: 1, id: 'default', headSha, baseRef: 'main', body: 'a report' },
    ...{ check: checkOf('github-actions'), mayCreate: true },
    ...overrides,
  });
  const publish = (overrides?: Partial<CommentRequest>) => publishComment(given.github, request(overrides));
  const say = (body: string, token = 'a-token') =>
    given.call<{ id: number }>('POST', '/issues/1/comments', { body: { body }, token });
  return { ...given, headSha, request, publish, say, comments: () => given.standIn.state.comments };
}

const checkOf = (appSlug: string | null) => ({ id: null, name: 'model-budget', appSlug });

function person(login: string): Token {
  return { kind: 'user', login, permissions: { contents: 'read', issues: 'write', pull_requests: 'write' } };
}

const writes = (paths: readonly string[]) => paths.filter((path) => !path.startsWith('GET'));

describe('the comment', () => {
  test('ends in its marker, and is updated in place', async () => {
    const given = await bench();
    const made = await given.publish({ body: 'a report\n\n' });
    expect(given.comments().map(({ body }) => body)).toEqual([`a report\n\n${markerOf('default', given.headSha)}`]);
    const updated = await given.publish({ body: 'another one' });
    expect([made.kind, updated.kind, 'url' in made && 'url' in updated && made.url === updated.url]).toEqual([
      ...['written', 'written', true],
    ]);
    expect(given.comments()).toHaveLength(1);
    expect(given.standIn.violations).toEqual([]);
  });

  test('that was alone before it was written is not listed again; a new one is, since another run may have made one', async () => {
    const given = await bench();
    const lists = () => requested(given).filter((path) => path.startsWith('GET issues/1/comments')).length;
    await given.publish();
    expect(lists()).toBe(2);
    await given.publish({ body: 'another one' });
    expect(lists()).toBe(3);
    // The head is looked at again all the same: before the write and after it.
    expect(requested(given).filter((path) => path === 'GET pulls/1')).toHaveLength(4);
  });

  test('that nobody else writes is not looked at again, once it is sure that there is one', async () => {
    const given = await bench();
    const looks = () => requested(given).filter((path) => path.startsWith('GET ')).length;
    const publish = (body: string) => given.publish({ body, isOnlyWriter: true });
    expect(await publish('a report')).toMatchObject({ kind: 'written' });
    // The list, and the head in front of the write.
    expect(looks()).toBe(2);
    expect(await publish('another one')).toMatchObject({ kind: 'written' });
    expect(looks()).toBe(4);
    expect(given.comments().map(({ body }) => body)).toEqual([`another one\n\n${markerOf('default', given.headSha)}`]);
    // A run that was killed may have left a second one.
    await given.say(`a second one\n\n${markerOf('default', given.headSha)}`);
    expect(await publish('a third report')).toMatchObject({ kind: 'written' });
    expect(given.comments().map(({ body }) => body.split('\n')[0])).toEqual(['a third report']);
  });

  test('of which an answer was lost is looked for, though nobody else writes', async () => {
    const given = await bench();
    const client = createClient({
      ...{ apiUrl: given.standIn.apiUrl, token: 'a-token', userAgent: 'model-budget/0', log: () => undefined },
    });
    given.standIn.faults.add({ method: 'POST', path: /\/issues\/1\/comments$/, drop: true, applied: true });
    const outcome = await publishComment({ ...given.github, client }, given.request({ isOnlyWriter: true }));
    expect(outcome).toMatchObject({ kind: 'written' });
    expect(writes(requested(given))).toEqual([
      ...['POST issues/1/comments', 'POST issues/1/comments'],
      expect.stringMatching(/^DELETE issues\/comments\//),
    ]);
    expect(given.comments()).toHaveLength(1);
  });

  test('that says the same is not written again', async () => {
    const given = await bench();
    await given.publish();
    const written = given.standIn.requests.length;
    expect((await given.publish()).kind).toBe('unchanged');
    expect(writes(requested(given).slice(written))).toEqual([]);
  });

  test('of another id is another comment', async () => {
    const given = await bench();
    for (const id of ['default', 'nightly', 'default-2', 'nightly']) await given.publish({ id });
    expect(given.comments()).toHaveLength(3);
  });

  test('is not made where there is nothing to say, but an old one is kept up to date', async () => {
    const given = await bench();
    expect(await given.publish({ mayCreate: false })).toEqual({ kind: 'left', reason: 'there is nothing to say' });
    expect(given.comments()).toEqual([]);
    await given.publish();
    expect((await given.publish({ mayCreate: false, body: 'new' })).kind).toBe('written');
    expect(given.comments()[0]?.body).toContain('new');
  });

  test('is found behind a hundred others', async () => {
    const given = await bench();
    for (let index = 0; index < 101; index += 1) await given.say(`comment ${index}`, 'eve');
    await given.publish();
    await given.publish({ body: 'new' });
    expect(given.comments()).toHaveLength(102);
  });

  test('of an older head, or for a base that is no more, leaves the newer one alone', async () => {
    const given = await bench();
    await given.publish({ body: 'newest' });
    const old = await given.publish({ headSha: 'a'.repeat(40), body: 'old' });
    expect(old).toEqual({ kind: 'left', reason: `the head is ${given.headSha.slice(0, 12)} by now` });
    expect(await given.publish({ baseRef: 'release', body: 'old' })).toMatchObject({ kind: 'left' });
    expect(given.comments()[0]?.body).toContain('newest');
  });

  test('deleted in between is made anew', async () => {
    const given = await bench();
    await given.publish();
    given.standIn.faults.add({ method: 'PATCH', status: 404, body: { message: 'Not Found' } });
    expect((await given.publish({ body: 'new' })).kind).toBe('written');
    expect(given.comments().filter(({ body }) => body.startsWith('new'))).toHaveLength(1);
  });

  test('of two that exist the oldest stays, with the new text', async () => {
    const given = await bench();
    const marker = markerOf('default', 'b'.repeat(40));
    for (const text of ['one', 'two', 'three']) await given.say(`${text}\n\n${marker}`);
    await given.publish({ body: 'new' });
    expect(given.comments().map(({ id, body }) => [id, body.split('\n')[0]])).toEqual([
      [given.comments()[0]?.id, 'new'],
    ]);
  });
});

describe('what nobody else can have written', () => {
  test('a marker of another author is no marker of ours', async () => {
    const given = await bench();
    await given.say(`forged\n\n${markerOf('default', given.headSha)}`, 'eve');
    await given.publish();
    expect(given.comments().map(({ body }) => body.split('\n')[0])).toEqual(['forged', 'a report']);
  });

  test.each([
    ['quoted', (marker: string) => `> ${marker}`],
    ['before the last line', (marker: string) => `${marker}\nmore`],
    ['within the last line', (marker: string) => `see ${marker}`],
    ['of a longer id', () => '<!-- model-budget:v1 id=default2 head=ab -->'],
    ['of an id that is none', () => '<!-- model-budget:v1 id=default id=x head=ab -->'],
    ['of another version', () => '<!-- model-budget:v2 id=default head=ab -->'],
    ['of no head', () => '<!-- model-budget:v1 id=default head= -->'],
    ['twice on one line', (marker: string) => `${marker}${marker}`],
  ])('a marker %s is none', async (_, write) => {
    const given = await bench();
    await given.say(write(markerOf('default', given.headSha)));
    await given.publish();
    expect(given.comments()).toHaveLength(2);
  });

  test('only an own comment whose last line is the marker is ever touched', async () => {
    nock.disableNetConnect();
    nock.enableNetConnect('127.0.0.1');
    const sha = 'a'.repeat(40);
    const piece = fc.oneof(
      hostileText,
      fc.constantFrom(
        markerOf('default', sha),
        markerOf('other', sha),
        '\n',
        '\r\n',
        ' ',
        '> ',
        '<!--',
        '-->',
        '\u2028',
      ),
    );
    const comment = fc.record({
      login: fc.constantFrom('github-actions[bot]', 'github-actions', 'eve', null),
      body: fc.oneof(
        fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')),
        fc.constant(null),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(comment, { maxLength: 5 }), async (comments) => {
        const api = nock('https://api.github.com').persist();
        const list = comments.map(({ login, body }, index) => ({
          ...{ id: index + 1, body, html_url: 'https://github.com/x', user: login === null ? null : { login } },
        }));
        const touched: number[] = [];
        const note = (uri: string) => void touched.push(Number(/\/(\d+)$/.exec(uri)?.[1]));
        api.get(/\/issues\/1\/comments/).reply(200, list);
        api
          .get('/repos/acme/detector/pulls/1')
          .reply(200, { head: { sha, ref: 'x' }, base: { ref: 'main' }, state: 'open' });
        api.patch(/\/issues\/comments\/\d+$/).reply(200, (uri) => (note(uri), { html_url: 'https://github.com/x' }));
        api.delete(/\/issues\/comments\/\d+$/).reply(204, (uri) => (note(uri), ''));
        api.post(/\/issues\/1\/comments$/).reply(201, { id: 99, html_url: 'https://github.com/x' });
        const outcome = await publishComment(connect().github, {
          ...{ pullRequest: 1, id: 'default', headSha: sha, baseRef: 'main', body: 'a report' },
          ...{ check: checkOf('github-actions'), mayCreate: true },
        });
        nock.cleanAll();
        const lastLine = (body: string) => body.trimEnd().split('\n').at(-1)!.trim();
        const ours = list.filter(
          ({ user, body }) =>
            user?.login === 'github-actions[bot]' && body !== null && lastLine(body) === markerOf('default', sha),
        );
        expect(outcome.kind).toBe('written');
        expect(new Set(touched)).toEqual(new Set(ours.map(({ id }) => id)));
      }),
      { numRuns: 100 },
    );
  });
});

describe('who we are', () => {
  test('is asked of GitHub where no check run told it', async () => {
    const given = await bench({ tokens: { 'a-token': person('ada') } });
    await given.publish({ check: checkOf(null) });
    await given.publish({ check: checkOf(null), body: 'new' });
    expect(given.comments().map(({ author, body }) => [author.login, body.split('\n')[0]])).toEqual([['ada', 'new']]);
  });

  test('is a workflow where the token may not ask', async () => {
    const given = await bench();
    await given.publish({ check: checkOf(null) });
    await given.publish({ check: checkOf(null), body: 'new' });
    expect(given.comments()).toHaveLength(1);
  });

  test('is not guessed: a second comment would be made', async () => {
    const given = await bench({ tokens: { 'a-token': person('ada') } });
    await given.publish({ check: checkOf(null) });
    given.standIn.faults.add({ path: /^\/user$/, status: 500, body: { message: 'No' } });
    expect(await given.publish({ check: checkOf(null), body: 'new' })).toEqual({ kind: 'failed', reason: '500 No' });
    expect(given.comments()).toHaveLength(1);
  });
});

describe('a refusal is a value', () => {
  test('of the token', async () => {
    const given = await bench({ tokens: { 'a-token': workflowToken({ contents: 'read', pull_requests: 'read' }) } });
    expect(await given.publish()).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^403 /) as string });
  });

  test('of the text', async () => {
    const given = await bench();
    expect(await given.publish({ body: 'x'.repeat(70_000) })).toMatchObject({
      ...{ kind: 'failed', reason: expect.stringMatching(/^422 /) as string },
    });
  });

  test('of what would heal it is only told', async () => {
    const given = await bench();
    for (const text of ['one', 'two']) await given.say(`${text}\n\n${markerOf('default', 'b'.repeat(40))}`);
    given.standIn.faults.add({ method: 'DELETE', status: 500, body: { message: 'No' } });
    expect((await given.publish()).kind).toBe('written');
    expect(given.log).toEqual(['more than one comment may be left, or an older text: 500 No']);
  });
});
