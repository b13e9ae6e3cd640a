// The page of a report: kept in front of the check's verdict where that is quick, linked behind it where it is not.
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { createCheck, type CheckResult } from '../../src/github/check.ts';
import { checkResultOf } from '../../src/github/judge.ts';
import { publishReport, type Publication } from '../../src/github/publish.ts';
import { joinedPieces } from '../../src/report/html/write.ts';
import { pageInTime, type KeepPage, type TimelyPage } from '../../src/github/report-page.ts';
import type { RangeReview } from '../../src/github/review-range.ts';
import { reviewedSetting } from '../report/html/pages.ts';
import { connectStandIn, requested } from './connection.ts';

const address = 'https://budget.example.com/pages/one';

/** Of a merge group, whose report nobody comments on. */
function reviewed(headSha: string): RangeReview {
  const { report, parts, targets } = reviewedSetting(
    [{ base: 'detector-nearest.onnx', head: 'detector-cubic.onnx' }],
    ['ethos-u55-256'],
  );
  return {
    ...{ report, parts, changedLines: new Map(), repositoryUrl: 'https://github.com/acme/detector' },
    settings: { targets, config: parseConfig('charts: text', 'config.yml'), extended: null },
    range: {
      ...{ pullRequest: null, mergeBase: 'b'.repeat(40) },
      base: { ref: 'main', sha: 'a'.repeat(40) },
      head: { ref: 'queue', sha: headSha },
    },
  };
}

async function bench() {
  const given = await connectStandIn();
  const { github, repository } = given;
  const headSha = repository.git(['rev-parse', 'refs/heads/feature/one']).toString().trim();
  const check = await createCheck(github, { name: 'model-budget', headSha, externalId: 'one' });
  const own = reviewed(headSha);
  const publication: Publication = {
    subject: { kind: 'merge-group', headSha, headRef: 'queue', baseSha: 'a'.repeat(40), baseRef: 'main' },
    ...{ id: 'default', check, isPrivate: true, apiUrl: given.standIn.apiUrl },
  };
  return {
    ...given,
    own,
    resultWith: (page: TimelyPage) => checkResultOf(github, [own], { configPath: 'x.yml', page: page.inTime }),
    publish: (result: CheckResult, page: TimelyPage) =>
      publishReport(github, { result, reviews: [own], page, contentsRefused: false }, publication),
    updates: () => requested(given).filter((path) => path.startsWith('PATCH check-runs/')).length,
    summary: () => given.standIn.state.checkRuns[0]?.summary ?? '',
  };
}

test('a page that is kept in time is in what the check says, and needs no other write', async () => {
  const given = await bench();
  const pages: string[] = [];
  const keep: KeepPage = (pieces) =>
    Promise.resolve({ address: pages.push(joinedPieces(pieces)) > 0 ? address : null });
  const page = await pageInTime(given.github, given.own, keep);
  expect(page.inTime).toEqual({ address });
  const result = given.resultWith(page);
  expect(result.summary).toContain(`[**Open the report**](${address})`);
  expect((await given.publish(result, page)).page).toEqual({ address });
  expect([pages.length, given.updates()]).toEqual([1, 0]);
});

test('a page that takes longer keeps no check waiting, and is linked once it is there', async () => {
  const given = await bench();
  let answer: () => void = () => undefined;
  const keep: KeepPage = () => new Promise((resolve) => (answer = () => resolve({ address })));
  const page = await pageInTime(given.github, given.own, keep);
  expect(page.inTime).toBeUndefined();
  const result = given.resultWith(page);
  expect(result.summary).not.toContain(address);
  const published = given.publish(result, page);
  answer();
  expect((await published).page).toEqual({ address });
  expect(given.updates()).toBe(1);
  expect(given.summary()).toContain(`[**Open the report**](${address})`);
});

test('a page that cannot be kept, or that nobody keeps, changes nothing', async () => {
  const given = await bench();
  for (const keep of [() => Promise.reject(new Error('the disk is full')), undefined]) {
    const page = await pageInTime(given.github, given.own, keep);
    expect(page.inTime?.address ?? null).toBeNull();
    const result = given.resultWith(page);
    expect(result.summary).not.toContain('Open the report');
    await given.publish(result, page);
  }
  expect(given.updates()).toBe(0);
  expect(given.log).toEqual(['the report page could not be kept: the disk is full']);
});
