import fc from 'fast-check';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DiffRow } from '../../../src/compare/comparison.ts';
import type { ImageRequest } from '../../../src/github/images/host.ts';
import { hostImages } from '../../../src/github/images/index.ts';
import { changedLayers } from '../../../src/report/fallback-charts.ts';
import { reports } from '../../report/cases.ts';
import { hostileText } from '../../report/hostile-text.ts';
import { layer, modelReport, report, row, targetReport } from '../../report/reports.ts';
import { gitData } from './git-data.ts';
import { imageRequest } from './image-requests.ts';

beforeEach(() => {
  nock.disableNetConnect();
});

afterEach(() => {
  nock.cleanAll();
});

async function addresses(overrides: Partial<ImageRequest>): Promise<ReadonlyMap<string, string>> {
  const { images } = await hostImages(gitData().github, imageRequest({ charts: 'quickchart', ...overrides }));
  nock.cleanAll();
  return new Map([...images].map(([id, { light }]) => [id, light]));
}

/** All that an address may say: the numbers, and words that are the same for every model. */
const template =
  /^\{type:'bar',data:\{labels:\[([\d,]+)\],datasets:\[\{label:'base',backgroundColor:'#9aa4ae',data:\[([-+.,\de]+)\]\},\{label:'head',backgroundColor:'#0072b2',data:\[([-+.,\de]+)\]\}\]\},options:\{scales:\{xAxes:\[\{scaleLabel:\{display:true,labelString:'row of the table of changes'\}\}\],yAxes:\[\{scaleLabel:\{display:true,labelString:'latency, (?:s|ms|µs|ns)'\},ticks:\{beginAtZero:true\}\}\]\}\}\}$/;

function chartIn(address: string): { readonly labels: string; readonly base: string; readonly head: string } {
  const url = new URL(address);
  const { c, ...others } = Object.fromEntries(url.searchParams);
  expect(others).toEqual({
    ...{ w: '720', h: '300', ref: 'qc-js', devicePixelRatio: '2', bkg: '#ffffff', f: 'png', v: '2.9.4' },
  });
  expect([url.pathname, url.hash, url.username]).toEqual(['/chart', '', '']);
  const [, labels, base, head] = template.exec(c!) ?? [c];
  expect(labels).toBeDefined();
  return { labels: labels!, base: base!, head: head! };
}

test('numbers the rows of the table of changes, base and head', async () => {
  const all = await addresses({ report: report() });
  expect([...all.keys()]).toEqual(['model-1-target-1-latency']);
  const address = [...all.values()][0]!;
  expect(address.startsWith('https://quickchart.io/chart?c=')).toBe(true);
  expect(chartIn(address)).toEqual({ labels: '1,2,3', base: '0,4.8,0.35', head: '8.9,7.2,0.65' });
  expect(changedLayers(targetReport(), 12).map(({ baseSeconds }) => baseSeconds)).toEqual([0, 4.8e-3, 0.35e-3]);
});

test.each(Object.keys(reports))('is short and has no names: %s', async (name) => {
  const all = await addresses({ report: reports[name]! });
  expect(all.size).toBeLessThanOrEqual(6);
  for (const [id, address] of all) {
    expect(id).toMatch(/^model-\d+-target-\d+-latency$/);
    expect(address.length).toBeLessThanOrEqual(2048);
    chartIn(address);
  }
});

const cost = fc.record({
  name: hostileText,
  seconds: fc.oneof(fc.constant(0), fc.double({ min: 1e-12, max: 1e5, noNaN: true })),
});

const hostileRow = fc
  .tuple(fc.option(cost), fc.option(cost))
  .filter(([base, head]) => base !== null || head !== null)
  .map((sides): DiffRow => {
    const [base, head] = sides.map((side) =>
      side === null ? [] : [layer({ name: side.name, op: side.name, latencySeconds: side.seconds })],
    );
    return row(base!, head!, { changes: [(sides[1] ?? sides[0])!.name] });
  });

describe('whatever the names and numbers', () => {
  test('an address has 2,048 characters at most, numbers and our own words', async () => {
    const hostile = fc.record({
      rows: fc.array(hostileRow, { maxLength: 120 }),
      text: hostileText,
      layers: fc.integer({ min: 0, max: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(hostile, async ({ rows, text, layers }) => {
        const target = targetReport({ layers: rows, assumptions: [text], memoryTimeline: { base: null, head: null } });
        const renamed = { ...target, target: { ...target.target, id: text, name: text } };
        const models = [modelReport({ path: text, name: text, targets: [renamed] })];
        for (const address of (await addresses({ report: report({ models }), layers })).values()) {
          expect(address.length).toBeLessThanOrEqual(2048);
          const { labels, base, head } = chartIn(address);
          const count = labels.split(',').length;
          expect(labels).toBe(Array.from({ length: count }, (_, index) => index + 1).join(','));
          const shown = changedLayers(renamed, layers).slice(0, count);
          const printed = [base, head].map((list) => list.split(',').map(Number));
          expect(printed.map((list) => list.length)).toEqual([shown.length, shown.length]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('rows that do not fit go from the end', async () => {
    const rows = Array.from({ length: 200 }, (_, index) => {
      const base = layer({ name: `layer${'x'.repeat(index)}`, latencySeconds: (300 - index) * 1.2345e-5 });
      return row([base], [{ ...base, latencySeconds: base.latencySeconds * 1.4321 }]);
    });
    const target = targetReport({ layers: rows });
    const all = await addresses({ report: report({ models: [modelReport({ targets: [target] })] }), layers: 150 });
    const [address] = all.values();
    const { labels, base } = chartIn(address!);
    const count = labels.split(',').length;
    expect(count).toBeGreaterThan(40);
    expect(count).toBeLessThan(150);
    expect(address!.length).toBeGreaterThan(2000);
    expect(Number(base.split(',')[0])).toBeCloseTo(3.7035, 2);
  });

  test('a host too long for any address stays unused', async () => {
    const quickChartHost = `https://${'a'.repeat(60)}.${Array(40).fill('b'.repeat(50)).join('.')}.example`;
    const { images, remarks } = await hostImages(
      gitData().github,
      imageRequest({ charts: 'quickchart', quickChartHost }),
    );
    expect(images.size).toBe(0);
    expect(remarks).toHaveLength(1);
  });
});
