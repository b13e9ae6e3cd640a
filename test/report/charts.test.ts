import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chartsOf, type Chart } from '../../src/report/charts.ts';
import { pngRenderer } from '../../src/report/png.ts';
import { renderSvg } from '../../src/report/svg.ts';
import { expectGolden } from '../golden.ts';
import { reports } from './cases.ts';
import { layer, modelReport, report, row, targetReport, timeline, total, totals } from './reports.ts';

const detector = chartsOf(report());

function chart(kind: string, charts: readonly Chart[] = detector): Chart {
  const found = charts.find(({ id }) => id.endsWith(`-${kind}`));
  if (found === undefined) throw new Error(`no chart ${kind}`);
  return found;
}

/** Texts of an SVG with the place they start from or end at. */
function textsOf(svg: string): readonly string[] {
  return Array.from(svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g), ([, text]) => text!);
}

describe.each(['latency', 'waterfall', 'memory', 'roofline'])('%s', (kind) => {
  test.each(['light', 'dark'] as const)('on a %s page', (theme) => {
    expectGolden(renderSvg(chart(kind), theme), `report/charts/${kind}-${theme}.svg`);
  });

  test('is the same again', () => {
    expect(renderSvg(chart(kind), 'light')).toBe(renderSvg(chart(kind), 'light'));
  });

  test('says in words what it shows', () => {
    expect(chart(kind).altText).toMatch(/\d/);
    expect(chart(kind).altText.startsWith(chart(kind).title)).toBe(true);
  });
});

test('each message has its figures', () => {
  expect(detector.map(({ id, altText }) => `${id}: ${altText}`)).toEqual([
    'model-1-target-1-latency: Latency by layer, base against head. 21.4 ms → 33.0 ms (+54%); neck/up*/Resize ×2 changed most, +8.90 ms',
    'model-1-target-1-waterfall: What changed the latency: 21.4 ms → 33.0 ms, +11.6 ms (+54%); neck/up*/Resize ×2 accounts for +8.90 ms',
    'model-1-target-1-memory: Memory of the activations, layer by layer. peak 402 KiB → 402 KiB at neck/up1/Resize; sram holds 512 KiB',
    'model-1-target-1-roofline: Utilization against arithmetic intensity. 14 of 14 layers with MACs use half of their unit or more; they take 55% of the latency. Area: share of the latency',
  ]);
});

describe('of hundreds of layers with long names', () => {
  const rows = Array.from({ length: 300 }, (_, index) => {
    const name = `/model/encoder/layer.${'x'.repeat(1 + (index % 60))}/attention/self/query_projection/MatMul_${'abcdefghij'[index % 10]!}`;
    const base = layer({ name, latencySeconds: (1 + (index % 17)) * 1e-4, macs: 1e6 + index });
    return row([base], [{ ...base, latencySeconds: base.latencySeconds * (1 + (index % 5) / 20) }]);
  });
  const side = (from: 'base' | 'head'): number =>
    rows.flatMap((one) => one[from]).reduce((sum, one) => sum + one.latencySeconds, 0);
  const target = targetReport({
    layers: rows,
    totals: totals({ latencySeconds: total(side('base'), side('head')) }),
    memoryTimeline: { base: null, head: timeline(rows.map((_, index) => 1000 * ((index * 37) % 101))) },
  });
  const charts = chartsOf(report({ models: [modelReport({ targets: [target] })] }));

  test('labels keep the parts that tell most and bars are few', () => {
    const labels = textsOf(renderSvg(chart('latency', charts), 'light')).filter((text) => text.startsWith('…/'));
    expect(labels).toHaveLength(16);
    expect(labels.filter((text) => !/^….*\/MatMul_\w$/.test(text))).toEqual([]);
    expect(chart('latency', charts).altText).toContain('16 of 300 layers shown');
  });

  test('the waterfall ends where the totals say, with all the others in one step', () => {
    const texts = textsOf(renderSvg(chart('waterfall', charts), 'light'));
    expect(texts).toContain('all other layers');
    expect(texts.some((text) => text.includes('the axis begins at'))).toBe(true);
  });
});

test('hostile names stay text, and draw on one line', () => {
  const charts = chartsOf(reports['hostile-names']!);
  for (const kind of ['latency', 'waterfall', 'roofline']) {
    const svg = renderSvg(chart(kind, charts), 'dark');
    expect(svg).not.toMatch(/<(script|img|a|image|details)\b/);
    expect(svg).not.toMatch(/[\u0000-\u0008\u200b\u202e]/);
  }
});

test('the latency of a model without a base is that of its head alone', () => {
  const added = chart('latency', chartsOf(reports['added-model']!));
  expect(added.altText).toBe('Latency by layer. head 8.90 ms; neck/up*/Resize ×2 takes most, 8.90 ms');
  const texts = textsOf(renderSvg(added, 'light'));
  expect(texts).toContain('head');
  expect(texts).not.toContain('base');
  expect(texts.filter((text) => text.includes('new'))).toEqual([]);
});

test('what changed most is a layer, not all the others together', () => {
  const rows = Array.from({ length: 200 }, (_, index) => {
    const name = `layer_${'abcdefghij'[index % 10]!}_${'klmnopqrstuvwxyzabcd'[Math.floor(index / 10)]!}`;
    return row(
      [layer({ name, latencySeconds: 1e-3, macs: index })],
      [layer({ name, latencySeconds: 2e-3, macs: index })],
    );
  });
  const target = targetReport({ layers: rows, totals: totals({ latencySeconds: total(0.2, 0.4) }) });
  const waterfall = chart('waterfall', chartsOf(report({ models: [modelReport({ targets: [target] })] })));
  expect(textsOf(renderSvg(waterfall, 'light'))).toContain('all other layers');
  expect(waterfall.altText).toMatch(/; layer_\w_\w accounts for \+1\.00 ms$/);
});

test('a unit that is nowhere busy is told by its best layer', () => {
  const rows = [row([], [layer({ utilization: 0.31 })]), row([], [layer({ name: 'b', utilization: 0.2 })])];
  const charts = chartsOf(report({ models: [modelReport({ targets: [targetReport({ layers: rows })] })] }));
  expect(chart('roofline', charts).altText).toContain('no layer uses more than 31% of its unit');
});

test('nothing to draw, no chart', () => {
  const empty = targetReport({ layers: [], memoryTimeline: { base: null, head: null } });
  expect(chartsOf(report({ models: [modelReport({ targets: [empty] })] }))).toEqual([]);
  expect(chartsOf(reports.identical!).map(({ id }) => id.split('-').at(-1))).toEqual(['latency', 'memory', 'roofline']);
});

describe('as PNG', () => {
  const wasm = readFileSync(new URL(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  const font = readFileSync(new URL('../../third_party/fonts/DejaVuSans.ttf', import.meta.url));

  test('drawn at twice the size, with text, the same bytes every time', async () => {
    const render = await pngRenderer(wasm, font);
    const svg = renderSvg(chart('waterfall'), 'light');
    const png = render(svg);
    expect(Buffer.from(png).subarray(1, 4).toString('latin1')).toBe('PNG');
    const { width, height } = chart('waterfall');
    expect([Buffer.from(png).readUInt32BE(16), Buffer.from(png).readUInt32BE(20)]).toEqual([2 * width, 2 * height]);
    const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(digest((await pngRenderer(wasm, font))(svg))).toBe(digest(png));
    // Without its texts the picture is another one: the font was found.
    expect(digest(render(svg.replace(/<text.*?<\/text>/gs, '')))).not.toBe(digest(png));
  });
});

test.each(['__proto__', 'constructor', 'toString'])(
  'a layer called %s is drawn, and changes nothing for others',
  (name) => {
    const born = Object.keys(Object.prototype);
    const cost = layer({ name });
    const named = row([cost], [{ ...cost, latencySeconds: 2 * cost.latencySeconds }]);
    const target = targetReport({ layers: [named] });
    const drawn = chartsOf(report({ models: [modelReport({ targets: [target] })] })).map((one) =>
      renderSvg(one, 'light'),
    );
    expect(drawn.flatMap(textsOf)).toContain(name);
    expect(drawn.join('')).not.toContain('NaN');
    expect(Object.keys(Object.prototype)).toEqual(born);
  },
);
