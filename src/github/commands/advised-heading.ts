/** The line that says how it came out: of several models and targets the worst, and how many more there are. */
import { worstVerdict } from '../../compare/budget.ts';
import type { Verdict } from '../../compare/comparison.ts';
import { counted } from '../../report/headline.ts';
import { joined, named, type Phrase } from '../../report/phrase.ts';
import { limitVerdicts, verdictSymbols } from '../../report/ranking.ts';
import type { Advice } from '../../advise/optimize.ts';
import { printChange, printQuantity } from '../../units.ts';
import type { Advised, AdvisedModels } from './advised.ts';

/** How much of a command a heading repeats. */
export const longestCommand = 120;

const worstFirst: readonly Verdict[] = ['fail', 'not-measured', 'warn', 'waived', 'pass'];

/** `✅ /simulate int8: models/a.onnx would meet all 2 budgets on t: latency 33.0 ms → 24.9 ms (−25%)` */
export function advisedHeading(text: string, models: AdvisedModels, news: (one: Advised) => Phrase): Phrase {
  const [worst] = models.advised.toSorted(
    (a, b) => worstFirst.indexOf(verdictOf(a)) - worstFirst.indexOf(verdictOf(b)),
  );
  if (worst === undefined) return emptyHeading(text, models);
  const others = models.advised.length + models.problems.length + models.left - 1;
  return [
    `${symbolOf(worst)} `,
    named(text, longestCommand),
    ': ',
    ...news(worst),
    others === 0 ? '' : `; ${counted(others, 'more answer')} below`,
  ];
}

function emptyHeading(text: string, { models }: AdvisedModels): Phrase {
  const command = named(text, longestCommand);
  if (models > 0) return ['😕 ', command, ': no changed model can be asked about'];
  return ['ℹ️ ', command, ': no changed model', text.includes(' model=') ? ' fits' : ' to ask about'];
}

function verdictOf({ advice: { budgets } }: Advised): Verdict {
  return worstVerdict(budgets.map(({ verdict }) => verdict));
}

function symbolOf(one: Advised): string {
  return one.advice.budgets.length === 0 ? 'ℹ️' : verdictSymbols[verdictOf(one)];
}

/** What an edit would do to the budgets. */
export function budgetNews({ path, target, advice }: Advised): Phrase {
  const limits = advice.budgets.flatMap(limitVerdicts);
  const place: Phrase = [' on ', named(target)];
  if (limits.length === 0) return [named(path), ...place, ': ', latencyNews(advice)];
  const worst = worstVerdict(limits);
  const affected = limits.filter((one) => one === worst).length;
  const share = limits.length === 1 ? 'its budget' : `${affected} of ${limits.length} budgets`;
  const words: Readonly<Record<Verdict, string>> = {
    fail: ` would exceed ${share}`,
    'not-measured': `: ${share} could not be measured`,
    warn: ` would be near ${share}`,
    waived: ` would exceed ${share}, accepted,`,
    pass: ` would meet ${limits.length === 1 ? 'its budget' : `all ${limits.length} budgets`}`,
  };
  return joined([[named(path), words[worst], ...place], [latencyNews(advice)]], ': ');
}

/** `latency 33.0 ms → 24.9 ms (−25%)` */
export function latencyNews({ whatIf: { base, head } }: Advice): string {
  const [before, after] = [base.totals.latencySeconds, head.totals.latencySeconds];
  if (before === after) return `latency stays at ${printQuantity(before, 'time')}`;
  const share = before === 0 ? '' : ` (${printChange(after / before - 1)})`;
  return `latency ${printQuantity(before, 'time')} → ${printQuantity(after, 'time')}${share}`;
}
