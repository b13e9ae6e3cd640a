// The file: what goes in can be read back, nothing in it acts, and its policy names what is there and no more.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { viewerAssets } from '../../../src/files/viewer-assets.ts';
import { renderHtml } from '../../../src/report/html.ts';
import { readPage } from '../../../src/report/html/read.ts';
import { joinedPieces, pageHtml, pagePieces } from '../../../src/report/html/write.ts';
import { withDocStrings, scriptTrace } from '../../traced-model.ts';
import { fileSide } from '../../review/input.ts';
import { fixtureBytes } from '../../formats/models.ts';
import { hostileText } from '../hostile-text.ts';
import { reviewedPage, reviewedSetting } from './pages.ts';

const detectors = { base: 'detector-nearest.onnx', head: 'detector-cubic.onnx' };
const targets = ['ethos-u55-256', 'rpi4-xnnpack'];
const document = reviewedPage([detectors], targets);
const assets = viewerAssets();
const words = { title: 'a title', plainText: 'plain' };
const html = pageHtml(document, assets, words);

function policyOf(page: string): string {
  return /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page)![1]!;
}

const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the document', () => {
  test('comes back out of the file', () => {
    expect(readPage(html)).toEqual(document);
  });

  test.each([
    '',
    '<html></html>',
    html.slice(0, html.indexOf('id="models"') + 99),
    html.replace(/(id="report" data-schema="[^"]*">)[^<]{40}/, '$1'),
    html.replaceAll('model-budget/page@1', 'model-budget/page@2'),
  ])('of no whole page is refused', (broken) => {
    expect(() => readPage(broken)).toThrow(UserError);
  });

  test('is its own, though another page of the same models was written before', () => {
    const { models } = document;
    const others = [
      { ...models, budgets: [] },
      { ...models, targets: models.targets.toReversed() },
      { ...models, models: [...models.models, ...models.models] },
      { ...models, toolVersion: '0.0.0' },
    ];
    for (const other of [...others, models]) {
      expect(readPage(pageHtml({ ...document, models: other }, assets, words)).models).toEqual(other);
    }
  });

  test('has rows that are its own, though another page of them was written before', () => {
    const { report: page } = document;
    const [model] = page.report.models;
    const others = [
      { ...page, views: [page.views[0]!.toReversed()] },
      { ...page, report: { ...page.report, models: [{ ...model!, warnings: ['another'] }] } },
      { ...page, report: { ...page.report, models: [...page.report.models, model!] }, views: [] },
      { ...page, link: 'https://github.com/acme/detector/pull/7' },
    ];
    for (const other of [...others, page]) {
      expect(readPage(pageHtml({ ...document, report: other }, assets, words)).report).toEqual(other);
    }
  });

  test('of another pull request has the same pieces but for a small one', () => {
    const { report } = document;
    const one = pagePieces(document, assets, words);
    const other = pagePieces({ ...document, report: { ...report, link: 'elsewhere' } }, assets, words);
    expect(one.map(({ text }, index) => text === other[index]!.text)).toEqual(one.map(({ isCommon }) => isCommon));
    const own = one.filter(({ isCommon }) => !isCommon).map(({ text }) => text.length);
    expect(own).toHaveLength(1);
    expect(own[0]).toBeLessThan(joinedPieces(one).length / 100);
  });

  test('has a view of each target, and both versions', () => {
    const { report, models } = document;
    expect(report.views.map((views) => views.length)).toEqual([2]);
    expect(models.targets.map(({ id }) => id)).toEqual(report.report.models[0]!.targets.map(({ target }) => target.id));
    expect(models.models[0]!.head!.prepared.graph.nodes.length).toBeGreaterThan(5);
    expect(models.budgets).toHaveLength(1);
  });

  test('has models in the order of the report', () => {
    const page = reviewedPage(
      [
        { ...detectors, path: 'z.onnx' },
        { base: null, head: 'cnn-residual.onnx', path: 'a.onnx' },
      ],
      ['rpi4-xnnpack'],
    );
    expect(page.models.models.map(({ path, base }) => [path, base === null])).toEqual([
      ['a.onnx', true],
      ['z.onnx', false],
    ]);
  });

  test('is missing where a model was reviewed without its part', () => {
    const setting = reviewedSetting([detectors], targets);
    expect(renderHtml({ ...setting, parts: [] }, assets)).toBeUndefined();
    expect(joinedPieces(renderHtml(setting, assets)!)).toContain('<!doctype html>');
  });

  test('holds no metadata of the exporter', () => {
    const trace = scriptTrace('/checkout/detector/model.py(12)');
    const traced = withDocStrings(fixtureBytes('detector-nearest.onnx'), {
      'neck/up1/Resize': trace,
      'backbone/conv1': trace,
    });
    const page = reviewedPage([{ base: null, head: fileSide(traced) }], ['rpi4-xnnpack']);
    expect(JSON.stringify([...Object.values(page.models.models[0]!.head!.prepared.graph.nodes)])).not.toContain(
      '/checkout',
    );
    expect(readPage(pageHtml(page, assets, words))).toEqual(page);
    for (const { metadata } of page.models.models[0]!.head!.prepared.model.graph.nodes) expect(metadata.size).toBe(0);
  });
});

describe('the policy', () => {
  test('names the hashes of what is there', () => {
    const inline = Array.from(html.matchAll(/<script>([^]*?)<\/script>/g), ([, text]) => text!);
    expect(inline).toHaveLength(1);
    const style = /<style>([^]*?)<\/style>/.exec(html)![1]!;
    expect(policyOf(html)).toBe(
      [
        "default-src 'none'",
        `script-src ${digest(inline[0]!)} ${digest(assets.main)}`,
        `style-src ${digest(style)}`,
        'img-src data: blob:',
        'worker-src blob:',
        "base-uri 'none'",
        "form-action 'none'",
      ].join('; '),
    );
  });

  test('stands before anything that it is about', () => {
    const policy = html.indexOf('Content-Security-Policy');
    for (const tag of ['<script', '<style', '<title']) expect(html.indexOf(tag)).toBeGreaterThan(policy);
  });
});

test('no address is asked for', () => {
  expect(html.replace(/<script[^]*?<\/script>|<style[^]*?<\/style>/g, '')).not.toMatch(/(src|href|action)=/);
  expect(assets.style).not.toMatch(/@import|url\(\s*["']?(?!data:|#)/);
});

test('hostile words are text', () => {
  const small = { style: '', main: '', worker: '' };
  const tags = (page: string) => Array.from(page.matchAll(/<\/?[a-z!]+/gi), ([tag]) => tag);
  const written = (title: string) => pageHtml(document, small, { title, plainText: title });
  const expected = tags(written(''));
  fc.assert(
    fc.property(hostileText, (text) => {
      const page = written(text);
      expect(tags(page)).toEqual(expected);
      expect(policyOf(page)).toBe(policyOf(written('')));
    }),
    { numRuns: 20 },
  );
  const quoting = written('</title><script id="report">alert(1)</script>');
  expect(tags(quoting)).toEqual(expected);
  expect(readPage(quoting)).toEqual(document);
});
