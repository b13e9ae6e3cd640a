/** One HTML file that holds the whole report, the program that shows it and the simulator: it asks nobody for anything. */
import { deflateSync } from 'fflate';
import { sha256 } from '@noble/hashes/sha2.js';
import { recordText } from '../../ir/record-text.ts';
import { base64 } from './base64.ts';
import { partStart, withoutRows, type PageDocument, type PageModels, type PageRows, type PartId } from './document.ts';
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

/** A page is its pieces, one behind the other. */
export interface PagePiece {
  readonly text: string;
  /** Other pages have the very same. */
  readonly isCommon: boolean;
}

export function pageHtml(...page: Parameters<typeof pagePieces>): string {
  return joinedPieces(pagePieces(...page));
}

export function joinedPieces(pieces: readonly PagePiece[]): string {
  return pieces.map(({ text }) => text).join('');
}

/** Most of a page is the viewer, the models and their rows: whoever keeps many pages need not pack these again. */
export function pagePieces(
  { report, models }: PageDocument,
  assets: ViewerAssets,
  { title, plainText }: PageWords,
): readonly PagePiece[] {
  const viewer = packedViewer(assets);
  const body = [
    `<meta name="generator" content="model-budget ${escaped(models.toolVersion)}">`,
    `<title>${escaped(title)}</title>`,
    '</head>',
    '<body>',
    `<div id="page"><pre id="plain">${escaped(plainText)}</pre></div>`,
    part('report', withoutRows(report)),
    '',
  ];
  return [
    { text: viewer.head, isCommon: true },
    { text: body.join('\n'), isCommon: false },
    { text: packedRows({ models: report.report.models, views: report.views }), isCommon: true },
    { text: packedModels(models), isCommon: true },
    { text: viewer.program, isCommon: true },
  ];
}

/** The viewer as pages hold it. */
interface PackedViewer {
  readonly head: string;
  readonly program: string;
}

const packedViewers = new WeakMap<ViewerAssets, PackedViewer>();

function packedViewer(assets: ViewerAssets): PackedViewer {
  const known = packedViewers.get(assets) ?? { head: headOf(assets), program: programOf(assets) };
  packedViewers.set(assets, known);
  return known;
}

function headOf(assets: ViewerAssets): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${securityPolicy(assets)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="robots" content="noindex">',
    `<style>${assets.style}</style>`,
    '',
  ].join('\n');
}

function programOf({ main, worker }: ViewerAssets): string {
  return [
    `<script type="application/octet-stream" id="worker">${packed(worker)}</script>`,
    `<script type="application/octet-stream" id="main">${packed(main)}</script>`,
    `<script>${loader}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function part(id: PartId, record: object): string {
  return `${partStart(id)}${packed(recordText(record))}</script>`;
}

/** What pages of other commits and pull requests have in common is packed once. Remembered by the first model. */
function packer<Data extends { readonly models: readonly object[] }>(
  id: PartId,
  isSame: (one: Data, other: Data) => boolean,
): (data: Data) => string {
  const before = new WeakMap<object, { readonly data: Data; readonly text: string }>();
  return (data) => {
    const [first] = data.models;
    const known = first && before.get(first);
    if (known !== undefined && isSame(known.data, data)) return known.text;
    const text = `${part(id, data)}\n`;
    if (first !== undefined) before.set(first, { data, text });
    return text;
  };
}

const packedRows = packer<PageRows>(
  'rows',
  (one, other) => areSame(one.models, other.models) && areSame(one.views, other.views),
);
const packedModels = packer<PageModels>('models', areSameModels);

/** Models and targets are the very same records; what is read of a config anew says the same. */
function areSameModels(
  { models, targets, ...one }: PageModels,
  { models: otherModels, targets: otherTargets, ...other }: PageModels,
) {
  return areSame(models, otherModels) && areSame(targets, otherTargets) && recordText(one) === recordText(other);
}

function areSame(one: readonly object[], other: readonly object[]): boolean {
  return one.length === other.length && one.every((member, index) => member === other[index]);
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
