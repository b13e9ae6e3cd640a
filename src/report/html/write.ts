/** One HTML file that holds the whole report, the program that shows it and the simulator: it asks nobody for anything. */
import { deflateSync } from 'fflate';
import { sha256 } from '@noble/hashes/sha2.js';
import { recordText } from '../../ir/record-text.ts';
import { base64 } from './base64.ts';
import { partStart, viewerStart, type PageDocument, type PageModel, type PageModels } from './document.ts';
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
    data('report', packed(recordText(document.report))),
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
