/** One HTML file that holds the whole report, the program that shows it and the simulator: it asks nobody for anything. */
import { Deflate, deflateSync } from 'fflate';
import { sha256 } from '@noble/hashes/sha2.js';
import { beginText, recordText, type BegunText } from '../../ir/record-text.ts';
import { base64 } from './base64.ts';
import type { ModelReport } from '../report.ts';
import {
  partStart,
  viewerStart,
  type PageDocument,
  type PageModel,
  type PageModels,
  type PageReport,
} from './document.ts';
import { loader } from './loader.ts';

/** The built viewer. */
export interface ViewerAssets {
  readonly style: string;
  /** Classic scripts. */
  readonly main: string;
  readonly worker: string;
}

export interface PageWords {
  readonly title: string;
  /** What is shown where scripts do not run. */
  readonly plainText: string;
}

/** The viewer as pages hold it. It is the same in all of them. */
interface PackedViewer {
  readonly main: string;
  readonly worker: string;
  readonly policy: string;
}

const packedViewers = new WeakMap<ViewerAssets, PackedViewer>();

function packedViewer(assets: ViewerAssets): PackedViewer {
  const known = packedViewers.get(assets) ?? {
    main: packed(assets.main),
    worker: packed(assets.worker),
    policy: securityPolicy(assets),
  };
  packedViewers.set(assets, known);
  return known;
}

/** By the first model: what pages of other commits and pull requests have in common with this one. */
const packedBefore = new WeakMap<PageModel, { readonly models: PageModels; readonly text: string }>();

function packedModels(models: PageModels): string {
  const [first] = models.models;
  const known = first && packedBefore.get(first);
  if (known !== undefined && isSame(known.models, models)) return known.text;
  const text = packed(recordText(models));
  if (first !== undefined) packedBefore.set(first, { models, text });
  return text;
}

/** Models and targets are the very same records; what is read of a config anew says the same. */
function isSame(
  { models, targets, ...one }: PageModels,
  { models: otherModels, targets: otherTargets, ...other }: PageModels,
) {
  return areSame(models, otherModels) && areSame(targets, otherTargets) && recordText(one) === recordText(other);
}

function areSame(one: readonly object[], other: readonly object[]): boolean {
  return one.length === other.length && one.every((member, index) => member === other[index]);
}

/** How the reports begin that have models and views in common: those of other commits and pull requests. */
interface BegunReport {
  readonly common: readonly object[];
  readonly text: BegunText;
  /** The beginning, as far as base64 may be cut. */
  readonly packed: string;
}

/** By the first model. */
const begunBefore = new WeakMap<ModelReport, BegunReport>();

function packedReport(page: PageReport): string {
  const common = [...page.report.models, ...page.views];
  const [first] = page.report.models;
  const known = first && begunBefore.get(first);
  const begun = known !== undefined && areSame(known.common, common) ? known : beginReport(common);
  if (first !== undefined) begunBefore.set(first, begun);
  return begun.packed + packed(begun.text.restOf(page));
}

function beginReport(common: readonly object[]): BegunReport {
  const text = beginText(common);
  return { common, text, packed: base64(unfinishedDeflate(text.beginning)) };
}

/** A block of DEFLATE without content, from byte to byte. */
const emptyBlock = new Uint8Array([0, 0, 0, 0xff, 0xff]);

/** What follows may be compressed by itself; as many bytes as base64 takes together. */
function unfinishedDeflate(text: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  const stream = new Deflate({ level: 9 }, (chunk) => void chunks.push(chunk));
  stream.push(new TextEncoder().encode(text));
  stream.flush(true);
  const lengthOf = (all: readonly Uint8Array[]): number => all.reduce((sum, { length }) => sum + length, 0);
  while (lengthOf(chunks) % 3 !== 0) chunks.push(emptyBlock);
  const bytes = new Uint8Array(lengthOf(chunks));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

export function pageHtml(document: PageDocument, assets: ViewerAssets, { title, plainText }: PageWords): string {
  const viewer = packedViewer(assets);
  const data = (id: string, content: string): string => `${partStart(id)}${content}</script>`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${viewer.policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="robots" content="noindex">',
    `<meta name="generator" content="model-budget ${escaped(document.models.toolVersion)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${assets.style}</style>`,
    '</head>',
    '<body>',
    `<div id="page"><pre id="plain">${escaped(plainText)}</pre></div>`,
    data('report', packedReport(document.report)),
    data('models', packedModels(document.models)),
    `${viewerStart}${viewer.worker}</script>`,
    `<script type="application/octet-stream" id="main">${viewer.main}</script>`,
    `<script>${loader}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/**
 * Nothing is fetched, nothing is evaluated: of scripts these two run, whatever the page is given, and the worker comes out
 * of the page itself.
 */
function securityPolicy({ style, main }: ViewerAssets): string {
  return [
    "default-src 'none'",
    `script-src ${hashSource(loader)} ${hashSource(main)}`,
    `style-src ${hashSource(style)}`,
    'img-src data: blob:',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashSource(text: string): string {
  return `'sha256-${base64(sha256(new TextEncoder().encode(text)))}'`;
}

function packed(text: string): string {
  return base64(deflateSync(new TextEncoder().encode(text), { level: 9 }));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
