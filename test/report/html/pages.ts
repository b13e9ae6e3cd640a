/** Pages of fixtures, reviewed as the command line reviews them. */
import { parseConfig } from '../../../src/config.ts';
import type { PageDocument } from '../../../src/report/html/document.ts';
import { pageDocument, type PageSetting } from '../../../src/report/html/page.ts';
import { pageView } from '../../../src/report/html/view.ts';
import { reviewWithParts, targetIdsOf } from '../../../src/review.ts';
import { pairOf, shippedTarget, type Pair } from '../../review/input.ts';

export function reviewedSetting(pairs: readonly Pair[], ids: readonly string[]): PageSetting {
  const targets = ids.map(shippedTarget);
  const config = {
    ...parseConfig('budgets: [{ metric: size, max: 1 MB }]', 'config.yml'),
    targets: ids.map((id) => ({ id })),
  };
  const { report, parts } = reviewWithParts({
    toolVersion: '0.1.0',
    base: { ref: 'main', sha: 'a'.repeat(40), mergeBase: 'b'.repeat(40) },
    head: { ref: 'wider', sha: 'c'.repeat(40) },
    evaluatedOn: null,
    config,
    targets,
    models: pairs.map(pairOf),
    page: pageView,
  });
  return { report, parts, targets, targetIds: targetIdsOf(targets, config), budgets: config.budgets };
}

export function reviewedPage(pairs: readonly Pair[], targets: readonly string[]): PageDocument {
  return pageDocument(reviewedSetting(pairs, targets))!;
}
