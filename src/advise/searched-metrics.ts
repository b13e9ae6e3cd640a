/** Metrics that edits are looked for by. */
import type { BudgetMetric } from '../compare/comparison.ts';

export const searchedMetrics = ['latency', 'energy', 'size', 'peak-memory'] as const satisfies readonly BudgetMetric[];
export type SearchedMetric = (typeof searchedMetrics)[number];
