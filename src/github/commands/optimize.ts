/** `/optimize [metric]`: the smallest edit that brings the changed models under their budgets. */
import { searchedFor, valueIn } from '../../advise/metric-search.ts';
import type { Advice, Question } from '../../advise/optimize.ts';
import { searchedMetrics, type SearchedMetric } from '../../advise/searched-metrics.ts';
import { trialsWithin } from '../../advise/trial.ts';
import { budgetRows } from '../../compare/budget.ts';
import { UserError } from '../../errors.ts';
import { didYouMean } from '../../near-miss.ts';
import { metricWords } from '../../report/metrics.ts';
import { counted } from '../../report/headline.ts';
import { list, paragraph, type Block } from '../../report/page.ts';
import { named, type Phrase } from '../../report/phrase.ts';
import type { Totals } from '../../simulate/simulation.ts';
import { printChange, printQuantity } from '../../units.ts';
import { advisedHeading, latencyNews, longestCommand } from './advised-heading.ts';
import { adviseOn, advisedPieces, type Advised } from './advised.ts';
import { argumentsOf, printScope, type Scope } from './arguments.ts';
import type { Answer, Command, CommandContext } from './command.ts';

/** Each is a search of some seconds. */
const mostPairs = 8;

/** What a search may try, as for the suggestions of a review; all searches of one command share it. */
const mostTrials = 400;
const fewestTrials = 20;

export const optimize: Command = {
  name: 'optimize',
  usage: `[${searchedMetrics.join('|')}] [model=<glob>] [target=<id>]`,
  summary:
    'searches for the smallest edit that meets the budgets, or those of one metric; a metric without a budget is to be halved',
  parse: (written) => {
    const { words, scope } = argumentsOf(written);
    const metric = metricIn(words);
    const text = `/optimize${metric === undefined ? '' : ` ${metric}`}${printScope(scope)}`;
    return { text, answer: (context) => answer(context, { metric, scope, text }) };
  },
};

/** @throws UserError */
function metricIn([word, ...others]: readonly string[]): SearchedMetric | undefined {
  if (word === undefined) return undefined;
  const metric = searchedMetrics.find((one) => one === word);
  if (metric === undefined) {
    throw new UserError(
      `\`${word}\` is no metric to search for${didYouMean(word, searchedMetrics)}; it may be ${searchedMetrics.join(', ')}`,
    );
  }
  if (others.length > 0) throw new UserError('one metric at a time');
  return metric;
}

interface Asked {
  readonly metric: SearchedMetric | undefined;
  readonly scope: Scope;
  readonly text: string;
}

async function answer(context: CommandContext, { metric, scope, text }: Asked): Promise<Answer> {
  const advise = (question: Question, pairs: number): Advice => {
    const trials = Math.ceil(trialsWithin(question.base, fewestTrials, mostTrials) / pairs);
    return found(metric, { ...question, first: question.base }, Math.max(fewestTrials, trials));
  };
  const models = await adviseOn(context, { scope, most: mostPairs, advise });
  return {
    heading: advisedHeading(text, models, (one) => news(metric, one)),
    pieces: advisedPieces(models, (one) => alternatives(metric, one)),
  };
}

function found(metric: SearchedMetric | undefined, question: Question, trials: number): Advice {
  const advice = searchedFor(metric, question, trials);
  if (advice === null) throw new UserError(`no edit that was tried lowers its ${metricWords(metric!)}`);
  return advice;
}

/** No budget of the metric applies. */
function isHalving(metric: SearchedMetric | undefined, { advice: { budgets } }: Advised): metric is SearchedMetric {
  return metric !== undefined && !budgets.some((budget) => budget.metric === metric);
}

function news(metric: SearchedMetric | undefined, one: Advised): Phrase {
  const { path, target, advice } = one;
  const { edits, budgets, whatIf } = advice;
  const place: Phrase = [named(path), ' on ', named(target)];
  const aim = `its ${metric === undefined ? '' : `${metricWords(metric)} `}budgets`;
  if (isHalving(metric, one)) {
    const words = `: ${metricWords(metric)} ${changeOf(metric, whatIf.base.totals, whatIf.head.totals)}`;
    return [named(edits ?? '', longestCommand), ' on ', ...place, words];
  }
  if (edits === null) return ['no edit that was tried brings ', ...place, ` under ${aim}`];
  if (edits !== '')
    return [named(edits, longestCommand), ' brings ', ...place, ` under ${aim}: ${latencyNews(advice)}`];
  if (budgets.length > 0) return [...place, ` is under ${aim} as it is`];
  return ['no budget applies to ', ...place, '; name a metric, as in ', named('/optimize latency')];
}

/** `33.0 ms → 24.9 ms (−25%)` */
function changeOf(metric: SearchedMetric, base: Totals, head: Totals): string {
  const { quantity } = budgetRows[metric];
  const [before, after] = [valueIn(metric, base), valueIn(metric, head)];
  return `${printQuantity(before, quantity)} → ${printQuantity(after, quantity)} (${printChange(after / before - 1)})`;
}

const shownAlternatives = 8;

/** What less, or more, of the metric would take; the search tried it anyway. */
function alternatives(metric: SearchedMetric | undefined, one: Advised): readonly Block[] {
  if (!isHalving(metric, one)) return [];
  const { front, whatIf } = one.advice;
  const now = valueIn(metric, whatIf.base.totals);
  const items = front
    .filter(({ totals }) => valueIn(metric, totals) < now)
    .slice(0, shownAlternatives)
    .map(({ edits, touched, totals }): Phrase => [
      named(edits, 1000),
      ` on ${counted(touched.length, 'layer')}: ${changeOf(metric, whatIf.base.totals, totals)}`,
    ]);
  const opening = `No budget of ${metricWords(metric)} applies, so this is the smallest edit that halves it, or what comes nearest.`;
  return [
    paragraph(opening),
    ...(items.length === 0 ? [] : [paragraph('What was tried, the fewest layers first'), list(items)]),
  ];
}
