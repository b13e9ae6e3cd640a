/** One HTML file as an artifact: three requests of the results service, and what becomes of it where one fails. */
import { createHash } from 'node:crypto';
import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { keepArtifact } from '../../src/github/actions-artifact.ts';
import { answerOnlyWhatIsExpected } from './connection.ts';

answerOnlyWhatIsExpected();

const storage = 'https://blobs.example.com';
const ids = { workflow_run_backend_id: 'run-1', workflow_job_run_backend_id: 'job-2' };
const page = { name: 'model-budget-report', extension: 'html', content: '<!doctype html>é' } as const;
const file = 'model-budget-report.html';

function tokenOf(claims: unknown): string {
  return `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
}

const token = tokenOf({ scp: 'Actions.GenericRead:x Actions.Results:run-1:job-2' });
const keep = (given = token) => keepArtifact({ url: 'https://results.example.com/', token: given }, page);

type Sent = Readonly<Record<string, unknown>>;

function service(method: string, body: object | ((sent: Sent) => boolean)): nock.Interceptor {
  return nock('https://results.example.com', { reqheaders: { authorization: `Bearer ${token}` } })
    .matchHeader('content-type', 'application/json')
    .post(`/twirp/github.actions.results.api.v1.ArtifactService/${method}`, (sent: Sent): boolean => {
      if (typeof body === 'function') return (body as (sent: Sent) => boolean)(sent);
      expect(sent).toEqual(body);
      return true;
    });
}

const create = () => service('CreateArtifact', { ...ids, name: file, version: 7, mime_type: 'text/html' });
const upload = () => nock(storage, { badheaders: ['authorization'] }).put('/page?sig=1', page.content);
const made = { ok: true, signed_upload_url: `${storage}/page?sig=1` };

test('is made, uploaded as a page, and finished with its digest', async () => {
  create().reply(200, made);
  upload().matchHeader('x-ms-blob-type', 'BlockBlob').matchHeader('x-ms-blob-content-type', 'text/html').reply(201);
  const hash = `sha256:${createHash('sha256').update(page.content).digest('hex')}`;
  // The é takes two bytes.
  service('FinalizeArtifact', { ...ids, name: file, size: '17', hash }).reply(200, { ok: true, artifact_id: '4711' });
  expect(await keep()).toBe('4711');
});

test('has a name of its own where another job has the first', async () => {
  create().reply(409, { code: 'already_exists' });
  const isOther = ({ name }: Sent) => /^model-budget-report-[\da-f]{8}\.html$/.test(String(name));
  service('CreateArtifact', isOther).reply(200, made);
  upload().reply(201);
  service('FinalizeArtifact', isOther).reply(200, { ok: true, artifact_id: 12 });
  expect(await keep()).toBe('12');
});

describe('is not kept', () => {
  test('where the service refuses', async () => {
    create().reply(403);
    await expect(keep()).rejects.toThrow('CreateArtifact was answered with 403');
  });

  test('where the upload fails', async () => {
    create().reply(200, made);
    upload().reply(500);
    await expect(keep()).rejects.toThrow('the upload was answered with 500');
  });

  test('without a number', async () => {
    create().reply(200, made);
    upload().reply(201);
    service('FinalizeArtifact', () => true).reply(200, { ok: true, artifact_id: '../1' });
    await expect(keep()).rejects.toThrow('the artifact was not kept');
  });

  test.each([
    ['no token at all', 'x'],
    ['no scope', tokenOf({})],
    ['another scope', tokenOf({ scp: 'Actions.Results:run-1' })],
    ['no record', tokenOf(null)],
  ])('with a token that names no run: %s', async (_, given) => {
    await expect(keep(given)).rejects.toThrow('names no run');
  });
});
