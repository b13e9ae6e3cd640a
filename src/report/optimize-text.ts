/** The document of `optimize` for people: what the edits change, what they cost the weights, where they do not apply. */
import { printChange, printDelta, printQuantity } from '../units.ts';
import { describeMetric, metricDescriptions } from './metrics.ts';
import type { Totals } from '../simulate/simulation.ts';
import type { OptimizeDocument, OptimizedLayer } from './optimize-document.ts';
import { details, heading, list, paragraph, table, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';
import { printMarkdown } from './print-markdown.ts';
import { printText } from './print-text.ts';
import { limitVerdicts, verdictSymbols } from './ranking.ts';
import { verificationBlocks } from './verification-blocks.ts';

const shownLayers = 20;
const namedLayers = 6;

export function optimizeText(document: OptimizeDocument, format: 'text' | 'markdown'): string {
  const blocks = optimizeBlocks(document, format);
  return `${format === 'markdown' ? printMarkdown(blocks) : printText(blocks)}\n`;
}

function optimizeBlocks(document: OptimizeDocument, format: 'text' | 'markdown'): readonly Block[] {
  const title = heading(3, [named(document.model.path), ' on ', named(document.target.id)]);
  return [title, ...adviceBlocks(document, format)];
}

/** Without a title. A reply to a slash command holds it too. */
export function adviceBlocks(document: OptimizeDocument, format: 'text' | 'markdown'): readonly Block[] {
  const { layers } = document;
  const slowest = layers.toSorted((a, b) => importance(b) - importance(a)).slice(0, shownLayers);
  const more = layers.length - slowest.length;
  const layerBlocks = [
    table(['layer', 'op', '>latency', '>change', '>size', '>change', '>SQNR'], slowest.map(layerRow)),
    ...(more > 0 ? [paragraph(`${more} more edited layers are not shown.`)] : []),
  ];
  return [
    ...adviceSummary(document),
    ...notes(document),
    ...(layers.length === 0
      ? []
      : format === 'markdown'
        ? [details([`${layers.length} edited layers`], layerBlocks)]
        : [paragraph('Edited layers'), ...layerBlocks]),
    ...verificationBlocks(document.verification),
    ...suggestionBlocks(document),
    ...notAppliedBlocks(document),
  ];
}

/** What is said, and the totals. */
export function adviceSummary(document: OptimizeDocument): readonly Block[] {
  return [paragraph(...verdictPhrase(document)), table(['', '>now', '>edited', '>change', '^'], totalRows(document))];
}

function verdictPhrase({ edits, budgets, layers }: OptimizeDocument): Phrase {
  if (edits === null) return ['No edit that was tried meets the budgets; the figures are those of the model as it is.'];
  if (edits === '') {
    if (budgets.length === 0) return ['No budget applies: nothing to search for.'];
    return budgets.some(({ verdict }) => verdict === 'not-measured')
      ? ['Some budgets are not measured, the others are met as it is.']
      : ['The budgets are met as it is.'];
  }
  if (layers.length === 0) return [named(edits, 1000), ' changes no layer'];
  return [named(edits, 1000), ` on ${layers.length} ${layers.length === 1 ? 'layer' : 'layers'} (simulated)`];
}

function totalRows({ base, head, budgets }: OptimizeDocument): readonly (readonly Phrase[])[] {
  return metricDescriptions.flatMap(({ key, label, quantity, always }): readonly (readonly Phrase[])[] => {
    const [before, after] = [base, head].map((totals) =>
      key === 'dramTrafficBytes' ? (totals.trafficBytes.dram ?? null) : totals[key],
    );
    if (before === null || before === undefined || after === null || after === undefined) return [];
    const judged = budgets.filter((budget) => budget.key === key && budget.layer === undefined);
    if (!always && before === after && judged.length === 0) return [];
    const share = before === 0 || before === after ? '' : ` (${printChange(after / before - 1)})`;
    return [
      [
        [label],
        [printQuantity(before, quantity)],
        [printQuantity(after, quantity)],
        [before === after ? '0' : `${printDelta(after - before, quantity)}${share}`],
        [
          judged
            .flatMap(limitVerdicts)
            .map((verdict) => verdictSymbols[verdict])
            .join(' '),
        ],
      ],
    ];
  });
}

/** What a reader would take for a mistake: an edit that a target cannot make use of. */
function notes({ edits, base, head, layers, assumptions, remarks }: OptimizeDocument): readonly Block[] {
  const items: Phrase[] = [...assumptions, ...remarks].map((sentence): Phrase => [said(sentence)]);
  const smaller = head.fileBytes < base.fileBytes;
  if (remarks.length === 0 && layers.length > 0 && head.latencySeconds === base.latencySeconds) {
    items.push([
      `latency does not move: this target makes no use of ${edits?.includes(';') === true ? 'these edits' : 'this edit'}`,
      smaller ? ', only the file gets smaller' : '',
    ]);
  }
  if (base.downloadBytes !== null && edits !== null && edits !== '') items.push([downloadNote(base, head)]);
  return items.length === 0 ? [] : [list(items)];
}

function downloadNote(base: Totals, head: Totals): string {
  if (head.downloadBytes === null) return 'the compressed size of the edited file is not known';
  return head.downloadBytes === base.downloadBytes
    ? 'the compressed size stays'
    : 'the compressed size is that of the file with the edited weights in it, without the nodes and names that come with them';
}

/** By time; where that stays, by bytes. */
function importance({ latencySeconds, fileBytes }: OptimizedLayer): number {
  return Math.abs(latencySeconds.base - latencySeconds.head) + 1e-15 * Math.abs(fileBytes.base - fileBytes.head);
}

function layerRow(layer: OptimizedLayer): readonly Phrase[] {
  const { name, op, latencySeconds, fileBytes } = layer;
  return [
    [named(name, 48)],
    [named(op, 24)],
    [printQuantity(latencySeconds.head, 'time')],
    [deltaWords(latencySeconds, 'latencySeconds')],
    [printQuantity(fileBytes.head, 'size')],
    [deltaWords(fileBytes, 'fileBytes')],
    [sqnrWords(layer)],
  ];
}

function deltaWords(
  { base, head }: { readonly base: number; readonly head: number },
  key: 'latencySeconds' | 'fileBytes',
) {
  return base === head ? '0' : printDelta(head - base, describeMetric(key).quantity);
}

function sqnrWords({ sqnrDecibels, sqnrReason }: OptimizedLayer): string {
  if (sqnrDecibels === null) return sqnrReason === undefined ? '–' : '?';
  return `${sqnrDecibels.toFixed(1)} dB`;
}

function suggestionBlocks({ suggestions }: OptimizeDocument): readonly Block[] {
  if (suggestions.length < 2) return [];
  const items = suggestions.map(({ edits, touched, totals, sqnrDecibels }): Phrase => [
    named(edits, 1000),
    ` → ${printQuantity(totals.latencySeconds, 'time')}, ${printQuantity(totals.fileBytes, 'size')}, `,
    `${touched.length} ${touched.length === 1 ? 'layer' : 'layers'}`,
    sqnrDecibels === null ? '' : `, least SQNR ${sqnrDecibels.toFixed(1)} dB`,
  ]);
  return [paragraph('Smallest edits that meet the budgets'), list(items)];
}

function notAppliedBlocks({ notApplied }: OptimizeDocument): readonly Block[] {
  if (notApplied.length === 0) return [];
  const reasons = new Map<string, string[]>();
  for (const { layer, reason } of notApplied) {
    const layers = reasons.get(reason);
    if (layers === undefined) reasons.set(reason, [layer]);
    else layers.push(layer);
  }
  const items = [...reasons].map(([reason, layers]): Phrase => [
    said(reason),
    ': ',
    ...joined(
      layers.slice(0, namedLayers).map((layer): Phrase => [named(layer, 48)]),
      ', ',
    ),
    layers.length > namedLayers ? ` and ${layers.length - namedLayers} more` : '',
  ]);
  return [
    details([`Not applied to ${notApplied.length} ${notApplied.length === 1 ? 'layer' : 'layers'}`], [list(items)]),
  ];
}
