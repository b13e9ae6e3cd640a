/** What a what-if comes to, in words and lines. */
import type { BudgetResult } from '../../../compare/comparison.ts';
import { printChange, printQuantity } from '../../../units.ts';
import { counted } from '../../headline.ts';
import { describeMetric, metricWords } from '../../metrics.ts';
import type { OptimizeDocument } from '../../optimize-document.ts';
import { list, type Block } from '../../page.ts';
import { named, said, type Phrase } from '../../phrase.ts';
import { limitVerdicts, verdictSymbols } from '../../ranking.ts';
import { capitalized, printBudget } from '../../totals-table.ts';
import { verdictNames } from '../shell/verdict-names.ts';

/** `Latency 33.0 ms → 24.9 ms (−25%), size 3.4 MB → 1.1 MB (−68%) on 12 layers` */
export function resultSentence({ base, head, layers }: OptimizeDocument): string {
  if (layers.length === 0) return 'This changes no layer.';
  const changes = (['latencySeconds', 'energyJoules', 'fileBytes'] as const).map((key) => {
    const { quantity } = describeMetric(key);
    const [before, after] = [base[key], head[key]];
    const change = before === 0 || before === after ? '' : ` (${printChange(after / before - 1)})`;
    return `${shortNames[key]} ${printQuantity(before, quantity)} → ${printQuantity(after, quantity)}${change}`;
  });
  return `${counted(layers.length, 'layer')} edited: ${changes.join(', ')}`;
}

const shortNames = { latencySeconds: 'latency', energyJoules: 'energy', fileBytes: 'size' } as const;

/** Nothing where no budget applies. */
export function budgetBlocks(budgets: readonly BudgetResult[]): readonly Block[] {
  return budgets.length === 0 ? [] : [list(budgets.map(budgetPhrase))];
}

function budgetPhrase(budget: BudgetResult): Phrase {
  const { metric, layer, key, actual, reason, verdict } = budget;
  const { quantity } = describeMetric(key);
  const symbols = limitVerdicts(budget).map((one) => verdictSymbols[one]);
  return [
    `${symbols.join('') || verdictSymbols[verdict]} ${capitalized(metricWords(metric))}`,
    ...(layer === undefined ? [] : [' of ', named(layer, 48)]),
    ` ${verdictNames[verdict]}: `,
    actual === null ? 'no value' : printQuantity(actual, quantity),
    `, budget ${printBudget(budget, quantity)}`,
    ...(reason === undefined ? [] : ['; ', said(reason)]),
  ];
}
