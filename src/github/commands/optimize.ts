/** `/optimize [metric]`: the smallest edit that brings the changed models under their budgets. */
import { applied, searched, type Advice, type Question } from '../../advise/optimize.ts';
import { trialsWithin } from '../../advise/trial.ts';
import { appliesTo, budgetRows } from '../../compare/budget.ts';
import type { Budget } from '../../compare/comparison.ts';
import { metricValues } from '../../compare/totals.ts';
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

const metrics = ['latency', 'energy', 'size', 'peak-memory'] as const;
type Metric = (typeof metrics)[number];

/** Each is a search of some seconds. */
const mostPairs = 8;

/** What a search may try, as for the suggestions of a review; all searches of one command share it. */
const mostTrials = 400;
const fewestTrials = 20;

export const optimize: Command = {
  name: 'optimize',
  usage: `[${metrics.join('|')}] [model=<glob>] [target=<id>]`,
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
function metricIn([word, ...others]: readonly string[]): Metric | undefined {
  if (word === undefined) return undefined;
  const metric = metrics.find((one) => one === word);
  if (metric === undefined) {
    throw new UserError(
      `\`${word}\` is no metric to search for${didYouMean(word, metrics)}; it may be ${metrics.join(', ')}`,
    );
  }
  if (others.length > 0) throw new UserError('one metric at a time');
  return metric;
}

interface Asked {
  readonly metric: Metric | undefined;
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

/** The edit as a search finds it for the budgets of the metric, with the verdicts of all budgets. */
function found(metric: Metric | undefined, question: Question, trials: number): Advice {
  const { goal } = question;
  const applying = goal.budgets.filter((budget) => appliesTo(budget, goal.model));
  const wanted = applying.filter((budget) => metric === undefined || budget.metric === metric);
  if (metric !== undefined && wanted.length === 0) return halved(metric, question, trials);
  const advice = searched({ ...question, goal: { ...goal, budgets: wanted } }, trials);
  // Where nothing is edited, what was not asked for has no part in the answer.
  if (advice.edits === null || advice.edits === '') return advice;
  return { ...applied(advice.edits, question), found: advice.found, front: advice.front };
}

/**
 * Who names a metric without a budget wants less of it. Half is what an edit has to reach to be looked for as a budget is;
 * where none does, the answer is the one that gets nearest.
 */
function halved(metric: Metric, question: Question, trials: number): Advice {
  const { goal, base } = question;
  const { key } = budgetRows[metric];
  const value = metricValues(base)[key] ?? 0;
  const half: Budget = { metric, max: value / 2, level: 'error', onBand: 'fail' };
  const advice = searched({ ...question, goal: { ...goal, budgets: [half] } }, trials);
  const edits = advice.edits ?? leastOf(metric, advice)?.edits;
  if (edits === undefined || edits === '') {
    throw new UserError(`no edit that was tried lowers its ${metricWords(metric)}`);
  }
  return { ...applied(edits, question), found: advice.found, front: advice.front };
}

/** The point of the front with the least of the metric, if that is less than now. */
function leastOf(metric: Metric, { front, whatIf: { base } }: Advice): Advice['front'][number] | undefined {
  const [least] = front.toSorted((a, b) => valueIn(metric, a.totals) - valueIn(metric, b.totals));
  return least !== undefined && valueIn(metric, least.totals) < valueIn(metric, base.totals) ? least : undefined;
}

function valueIn(metric: Metric, totals: Totals): number {
  const { key } = budgetRows[metric];
  const value = key === 'dramTrafficBytes' ? null : totals[key];
  return value ?? Infinity;
}

/** No budget of the metric applies. */
function isHalving(metric: Metric | undefined, { advice: { budgets } }: Advised): metric is Metric {
  return metric !== undefined && !budgets.some((budget) => budget.metric === metric);
}

function news(metric: Metric | undefined, one: Advised): Phrase {
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
function changeOf(metric: Metric, base: Totals, head: Totals): string {
  const { quantity } = budgetRows[metric];
  const [before, after] = [valueIn(metric, base), valueIn(metric, head)];
  return `${printQuantity(before, quantity)} → ${printQuantity(after, quantity)} (${printChange(after / before - 1)})`;
}

const shownAlternatives = 8;

/** What less, or more, of the metric would take; the search tried it anyway. */
function alternatives(metric: Metric | undefined, one: Advised): readonly Block[] {
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
