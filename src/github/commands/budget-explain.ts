/** `/budget explain <layer>`: why the verdict is what it is, and layers in full. */
import type { DiffRow } from '../../compare/comparison.ts';
import { layerSelector } from '../../compare/layer-selector.ts';
import { UserError } from '../../errors.ts';
import { didYouMean } from '../../near-miss.ts';
import { quote } from '../../optimizations/grammar.ts';
import { explainDocument, type ExplainedModel, type ExplainedTarget } from '../../report/explain-document.ts';
import { layerBlocks, targetBlocks } from '../../report/explain-text.ts';
import type { Piece } from '../../report/fit.ts';
import { counted } from '../../report/headline.ts';
import { paragraph } from '../../report/page.ts';
import { named, type Phrase } from '../../report/phrase.ts';
import { verdictSymbols } from '../../report/ranking.ts';
import { rowName } from '../../report/repeats.ts';
import type { Report } from '../../report/report.ts';
import { printDelta } from '../../units.ts';
import { longestCommand } from './advised-heading.ts';
import { argumentsOf, printScope, type Scope } from './arguments.ts';
import type { Answer, Command, CommandContext } from './command.ts';
import { liveReport } from './live-report.ts';

export const budgetExplain: Command = {
  name: 'budget explain',
  usage: '<layer> [model=<glob>] [target=<id>]',
  summary: 'what each budget comes from, and the layers that a glob matches in full',
  parse: (written) => {
    const { words, scope } = argumentsOf(written);
    const [layer, ...others] = words;
    if (layer === undefined) throw new UserError('say which layer: a name or a glob, as in `/budget explain neck/*`');
    if (others.length > 0) throw new UserError('one glob of layers at a time; quote one with spaces');
    layerSelector(layer);
    const text = `/budget explain ${quote(layer)}${printScope(scope)}`;
    return { text, answer: (context) => answer(context, { layer, scope, text }) };
  },
};

interface Asked {
  readonly layer: string;
  readonly scope: Scope;
  readonly text: string;
}

async function answer(context: CommandContext, { layer, scope, text }: Asked): Promise<Answer> {
  const report = await liveReport(context, scope);
  const { models, verdict } = explainDocument(report, layer);
  const rows = models.flatMap(({ targets }) => targets.flatMap(({ layers }) => layers));
  if (report.models.length > 0 && rows.length === 0) throw new UserError(missing(report, layer));
  const command = named(text, longestCommand);
  if (rows.length === 0) return { heading: ['ℹ️ ', command, ': no changed model to explain'], pieces: [] };
  return {
    heading: [`${verdictSymbols[verdict]} `, command, ': ', ...newsOf(models)],
    pieces: models.flatMap((model) => model.targets.flatMap((target) => targetPieces(model, target))),
  };
}

function missing({ models }: Report, layer: string): string {
  const rows = models.flatMap(({ targets }) => targets.flatMap(({ layers }) => layers));
  return `no layer of the changed models matches \`${layer}\`${didYouMean(layer, new Set(rows.map(rowName)))}`;
}

/** Of the first model and target that have such layers. */
function newsOf(models: readonly ExplainedModel[]): Phrase {
  const found = models.flatMap(({ path, targets }) => targets.map((target) => ({ path, ...target })));
  const first = found.find(({ layers }) => layers.length > 0)!;
  const delta = first.layers.reduce((sum, { delta: { latencySeconds } }) => sum + latencySeconds, 0);
  const words = delta === 0 ? ', latency unchanged' : `, latency ${printDelta(delta, 'time')}`;
  return [counted(first.layers.length, 'layer'), ' of ', named(first.path), ' on ', named(first.target.id), words];
}

/** Of one target; a reply with more is not read. */
const shownLayers = 20;

function targetPieces({ path }: ExplainedModel, target: ExplainedTarget): readonly Piece[] {
  const shown = target.layers.toSorted((a, b) => weightOf(b) - weightOf(a)).slice(0, shownLayers);
  const more = target.layers.length - shown.length;
  return [
    { blocks: targetBlocks(path, { ...target, layers: [] }), importance: 100, noun: 'table of budgets' },
    ...shown.map((row, index): Piece => ({ blocks: layerBlocks(row), importance: 90 - index, noun: 'layer' })),
    ...(more === 0
      ? []
      : [{ blocks: [paragraph(`${counted(more, 'more layer')} match.`)], importance: 95, noun: 'note' }]),
  ];
}

function weightOf({ delta, head }: DiffRow): number {
  const time = head.reduce((sum, { latencySeconds }) => sum + latencySeconds, 0);
  return Math.abs(delta.latencySeconds) + 1e-9 * time;
}
