// BERT as its exporter writes it: its layers are one child of the graph, and a page of a thousand rows stays small.
import { expect, test } from 'vitest';
import { viewerAssets } from '../../../src/files/viewer-assets.ts';
import type { PageModule } from '../../../src/report/html/document.ts';
import { pageHtml } from '../../../src/report/html/write.ts';
import { fileSide } from '../../review/input.ts';
import { bertBase, encoderBytes, type Encoder } from './encoder.ts';
import { reviewedPage } from './pages.ts';

const side = (encoder: Encoder) => fileSide(encoderBytes(encoder));
const widened = { layer: 5, inner: 4096 };

function titles(module: PageModule): readonly string[] {
  return module.children.map((child) => (typeof child === 'number' ? String(child) : child.title));
}

function childOf(module: PageModule, title: string): PageModule {
  return module.children.find((child) => typeof child !== 'number' && child.title === title) as PageModule;
}

test('BERT base: twelve equal layers', () => {
  const { report } = reviewedPage([{ base: side(bertBase), head: side(bertBase) }], ['rpi4-xnnpack']);
  const bert = childOf(report.views[0]![0]!.modules, 'bert');
  expect(titles(bert)).toEqual(['0', 'encoder/layer.0…11 ×12', 'pooler']);
  const [layer] = childOf(bert, 'encoder/layer.0…11 ×12').children as readonly [PageModule];
  expect(titles(layer)).toEqual(['attention', 'intermediate', 'output']);
});

test('one of its layers is wider', () => {
  const { report } = reviewedPage([{ base: side(bertBase), head: side({ ...bertBase, widened }) }], ['rpi4-xnnpack']);
  const encoder = childOf(childOf(report.views[0]![0]!.modules, 'bert'), 'encoder');
  expect(titles(encoder)).toEqual(['layer.0…4 ×5', 'layer.5', 'layer.6…11 ×6']);
});

test('a thousand rows on one target take 1.5 MB at most, the program included', () => {
  const deep = { ...bertBase, layers: 70 };
  const page = reviewedPage([{ base: side(deep), head: side({ ...deep, widened }) }], ['rpi4-xnnpack']);
  expect(page.report.report.models[0]!.targets[0]!.layers.length).toBeGreaterThan(1000);
  const html = pageHtml(page, viewerAssets(), { title: '', plainText: '' });
  expect(Buffer.byteLength(html)).toBeLessThanOrEqual(1.5e6);
});
