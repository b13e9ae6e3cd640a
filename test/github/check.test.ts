import { describe, expect, test } from 'vitest';
import {
  completeCheck,
  createCheck,
  keepInCheck,
  maximumSummaryBytes,
  type CheckResult,
} from '../../src/github/check.ts';
import { workflowToken, type StandInOptions } from '../stand-in/options.ts';
import { connectStandIn, requested } from './connection.ts';

async function bench(options: Partial<StandInOptions> = {}) {
  const given = await connectStandIn(options);
  const headSha = given.repository.git(['rev-parse', 'refs/heads/feature/one']).toString().trim();
  const identity = { name: 'model-budget', headSha, externalId: '1.1.review.default' };
  return { ...given, identity, checks: () => given.standIn.state.checkRuns };
}

const result: CheckResult = {
  ...{ conclusion: 'failure', title: 'latency exceeds its budget', summary: '### whole report' },
  annotations: [
    {
      ...{ path: '.github/model-budget.yml', start_line: 4, end_line: 4, annotation_level: 'failure' },
      ...{ title: 'Latency', message: 'Latency 33 ms' },
    },
  ],
};

describe('a check run', () => {
  test('stands first, then says the result', async () => {
    const given = await bench();
    const check = await createCheck(given.github, { ...given.identity, detailsUrl: 'https://example.com/run' });
    expect(check).toMatchObject({ id: given.checks()[0]?.id, appSlug: 'github-actions', appId: 15368, refused: false });
    expect(given.checks()).toMatchObject([
      { status: 'in_progress', conclusion: null, externalId: '1.1.review.default' },
    ]);
    expect(await completeCheck(given.github, check, result)).toBe(true);
    expect(given.checks()).toMatchObject([
      { status: 'completed', conclusion: 'failure', title: result.title, summary: result.summary },
    ]);
    expect(given.checks()[0]?.annotations).toHaveLength(1);
    expect([given.standIn.violations, given.log]).toEqual([[], []]);
  });

  test('says a few words where the report is refused', async () => {
    const given = await bench();
    const check = await createCheck(given.github, given.identity);
    const long = { ...result, summary: 'é'.repeat(maximumSummaryBytes / 2 + 1), title: 'x'.repeat(400) };
    expect(await completeCheck(given.github, check, long)).toBe(true);
    expect(given.checks()).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
    expect(given.checks()[0]?.summary).toBe(
      `${'x'.repeat(75)}…${'x'.repeat(74)}. The whole report is in the job's summary.`,
    );
  });

  test('keeps what later runs have to know, before its end and where the report is refused', async () => {
    const given = await bench();
    const check = await createCheck(given.github, given.identity);
    await keepInCheck(given.github, check, 'kept');
    expect(given.checks()).toMatchObject([{ status: 'in_progress', conclusion: null, text: 'kept' }]);
    const long = { ...result, summary: 'x'.repeat(maximumSummaryBytes + 1), text: 'kept on' };
    expect(await completeCheck(given.github, check, long)).toBe(true);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure', text: 'kept on' }]);
    expect(await completeCheck(given.github, check, { ...result, text: 'x'.repeat(maximumSummaryBytes + 1) })).toBe(
      true,
    );
    expect(given.checks()[0]?.summary).toContain('The whole report is in');
    given.standIn.faults.add({ method: 'PATCH', status: 500, body: { message: 'No' } });
    await keepInCheck(given.github, check, 'more');
    expect(given.log.at(-1)).toBe('the check run could not be written to: 500 No');
  });

  test('that was made though the answer was lost is found by its id and completed', async () => {
    const given = await bench({ faults: [{ method: 'POST', path: /check-runs$/, status: 502, applied: true }] });
    const check = await createCheck(given.github, given.identity);
    expect([check.id, check.refused, given.checks().length]).toEqual([null, false, 1]);
    expect(await completeCheck(given.github, check, result)).toBe(true);
    expect(given.checks()).toMatchObject([{ status: 'completed', conclusion: 'failure', summary: result.summary }]);
  });

  test('whose making was answered at once is not looked for again', async () => {
    const given = await bench();
    const check = await createCheck(given.github, given.identity);
    await completeCheck(given.github, check, result);
    expect(requested(given)).toEqual(['POST check-runs', `PATCH check-runs/${check.id}`]);
  });

  test('of another run, another job or another id is left alone', async () => {
    const given = await bench();
    const check = await createCheck(given.github, given.identity);
    await createCheck(given.github, { ...given.identity, externalId: '2.1.review.default' });
    await createCheck(given.github, { ...given.identity, name: 'model-budget (b)' });
    await completeCheck(given.github, check, result);
    expect(given.checks().map(({ status }) => status)).toEqual(['completed', 'in_progress', 'in_progress']);
  });

  test('that could not be made is made at the end, completed, with the whole report', async () => {
    const given = await bench({ faults: [{ method: 'POST', path: /check-runs$/, status: 500 }] });
    const check = await createCheck(given.github, given.identity);
    expect(await completeCheck(given.github, check, result)).toBe(true);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure', summary: result.summary }]);
  });

  test('that cannot be changed any more is made anew', async () => {
    const given = await bench();
    const check = await createCheck(given.github, given.identity);
    given.standIn.faults.add({ method: 'PATCH', status: 500, times: 2, body: { message: 'No' } });
    expect(await completeCheck(given.github, check, result)).toBe(true);
    expect(given.checks().at(-1)).toMatchObject({ status: 'completed', conclusion: 'failure' });
  });

  test('is completed though the list of check runs cannot be had', async () => {
    const given = await bench();
    const check = await createCheck(given.github, given.identity);
    given.standIn.faults.add({ method: 'GET', status: 500, times: 9 });
    expect(await completeCheck(given.github, check, result)).toBe(true);
    expect(given.checks()).toMatchObject([{ status: 'completed' }]);
  });

  test('that the token may not write is tried once', async () => {
    const tokens = { 'a-token': workflowToken({ contents: 'read' }) };
    const given = await bench({ tokens });
    const check = await createCheck(given.github, given.identity);
    expect(check).toMatchObject({ id: null, appSlug: null, refused: true });
    expect(await completeCheck(given.github, check, result)).toBe(false);
    expect(requested(given)).toHaveLength(1);
    expect(given.log).toEqual([expect.stringMatching(/^the check run could not be made: 403 /)]);
  });

  test('that nothing can write never throws', async () => {
    const given = await bench();
    const check = await createCheck(given.github, given.identity);
    given.standIn.faults.add({ status: 500, times: 99, body: { message: 'No' } });
    expect(await completeCheck(given.github, check, result)).toBe(false);
    expect(given.log).toEqual(Array(4).fill('the check run could not be completed: 500 No'));
  });

  test('of a cancelled run says so', async () => {
    const given = await bench();
    const check = await createCheck(given.github, given.identity);
    await completeCheck(given.github, check, { ...result, conclusion: 'cancelled', annotations: [] });
    expect(given.checks()).toMatchObject([{ conclusion: 'cancelled', annotations: [] }]);
  });
});
