import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImageRequest } from '../../../src/github/images/host.ts';
import { hostImages } from '../../../src/github/images/index.ts';
import { modelReport, report } from '../../report/reports.ts';
import { forbidden, gitData } from './git-data.ts';
import { added, imageRequest } from './image-requests.ts';

beforeEach(() => {
  nock.disableNetConnect();
});

afterEach(() => {
  nock.cleanAll();
});

const writable = { mayWrite: true };
const readOnly = { mayWrite: false };
const open = { isPrivate: false };
const closed = { isPrivate: true };
const enterprise = { isPrivate: false, apiUrl: 'https://ghe.example.org/api/v3' };
const own = { quickChartHost: 'https://charts.example.org' };
const io = 'https://quickchart.io';
const branch = 'https://github.com';

type Case = readonly [ImageRequest['charts'], Partial<ImageRequest>, { mayWrite: boolean }, string, readonly RegExp[]];

const noWrite = /^charts on the branch .*: 403 .*contents: write/;
const isPrivate = /^charts by QuickChart: the numbers of a private repository are not sent to quickchart\.io/;
const isEnterprise = /^charts by QuickChart: the numbers of a server other than github\.com's/;
const noApp = /^charts: app needs the App/;
const badHost = /^charts by QuickChart: its host must be an address without a path/;

/** Config, repository, token; then who shows the picture, or what stands for it, and the remarks. */
const cases: readonly Case[] = [
  ['auto', open, writable, branch, []],
  ['auto', closed, writable, branch, []],
  ['auto', enterprise, writable, branch, []],
  ['auto', open, readOnly, io, [noWrite]],
  ['auto', { ...open, apiUrl: 'https://api.github.com/' }, readOnly, io, [noWrite]],
  ['auto', { ...open, ...own }, readOnly, own.quickChartHost, [noWrite]],
  ['auto', closed, readOnly, 'mermaid', [noWrite, isPrivate]],
  ['auto', { ...closed, ...own }, readOnly, 'mermaid', [noWrite, isPrivate]],
  ['auto', enterprise, readOnly, 'mermaid', [noWrite, isEnterprise]],
  ['auto', { ...open, apiUrl: 'https://api.github.com.example.org' }, readOnly, 'mermaid', [noWrite, isEnterprise]],
  ['auto', { ...open, apiUrl: 'https://api.acme.ghe.com' }, readOnly, 'mermaid', [noWrite, isEnterprise]],
  ['branch', closed, writable, branch, []],
  ['branch', open, readOnly, io, [noWrite]],
  ['branch', closed, readOnly, 'mermaid', [noWrite, isPrivate]],
  ['app', open, writable, branch, [noApp]],
  ['app', closed, readOnly, 'mermaid', [noApp, noWrite, isPrivate]],
  ['quickchart', open, writable, io, []],
  ['quickchart', { ...open, quickChartHost: '' }, writable, io, []],
  ['quickchart', { ...open, ...own }, writable, own.quickChartHost, []],
  ['quickchart', closed, writable, 'mermaid', [isPrivate]],
  ['quickchart', enterprise, writable, 'mermaid', [isEnterprise]],
  ['quickchart', { ...closed, ...own }, writable, own.quickChartHost, []],
  ['quickchart', { ...enterprise, ...own }, writable, own.quickChartHost, []],
  ['quickchart', { ...closed, quickChartHost: io }, writable, 'mermaid', [isPrivate]],
  ['quickchart', { ...closed, quickChartHost: 'https://www.QuickChart.io.' }, writable, 'mermaid', [isPrivate]],
  ['quickchart', { ...closed, quickChartHost: 'charts.example.org' }, writable, 'mermaid', [badHost]],
  ['quickchart', { ...open, quickChartHost: 'https://me:pw@charts.example.org' }, writable, 'mermaid', [badHost]],
  ['quickchart', { ...open, quickChartHost: 'https://charts.example.org/x?y' }, writable, 'mermaid', [badHost]],
  ['quickchart', { ...open, quickChartHost: 'javascript:alert(1)' }, writable, 'mermaid', [badHost]],
  ['mermaid', open, writable, 'mermaid', []],
  ['text', open, writable, 'text', []],
  ['off', open, writable, 'off', []],
];

test.each(cases.map((one) => [JSON.stringify(one.slice(0, 4)), one] as const))('%s', async (_, one) => {
  const [charts, where, { mayWrite }, expected, expectedRemarks] = one;
  const request = imageRequest({ report: added(), charts, ...where });
  const data = gitData(request.apiUrl.replace(/\/$/, ''));
  data.intercept = ({ method }) => (method === 'GET' || mayWrite ? undefined : forbidden);
  const { images, fallback, remarks } = await hostImages(data.github, request);
  expect(remarks).toHaveLength(expectedRemarks.length);
  expectedRemarks.forEach((pattern, index) => {
    expect(remarks[index]).toMatch(pattern);
  });
  const shownBy = [...images.values()].map(({ light }) => new URL(light).origin);
  if (expected.startsWith('https:')) expect([shownBy, fallback]).toEqual([[expected], 'mermaid']);
  else expect([shownBy, fallback]).toEqual([[], expected]);
});

test.each(['quickchart', 'mermaid', 'text', 'off'] as const)('charts: %s asks nobody', async (charts) => {
  const data = gitData();
  await hostImages(data.github, imageRequest({ charts }));
  expect(data.requests).toEqual([]);
});

describe('without a chart that the comment would show', () => {
  test.each([
    ['no model', report({ models: [] })],
    ['an unreadable one', report({ models: [modelReport({ change: 'not-measured', targets: [] })] })],
    ['a removed one', report({ models: [modelReport({ status: 'removed' })] })],
    ['the same weights in the same layers', report({ models: [quietModel()] })],
  ])('nobody is asked: %s', async (_, of) => {
    const data = gitData();
    const { images, remarks } = await hostImages(data.github, imageRequest({ report: of }));
    expect([images.size, remarks, data.requests]).toEqual([0, [], []]);
  });
});

function quietModel(): ReturnType<typeof modelReport> {
  const loud = modelReport({ change: 'identical' });
  const targets = loud.targets.map((target) => {
    const same = Object.entries(target.totals).map(([key, diff]) => [key, { ...diff, base: diff.head, delta: 0 }]);
    return { ...target, totals: Object.fromEntries(same) as typeof target.totals };
  });
  return { ...loud, targets };
}
