/** The report page of a review. In a file of its own, since nobody else needs the layout of graphs. */
import { viewerAssets } from '../files/viewer-assets.ts';
import { InvariantError, UserError } from '../errors.ts';
import { renderHtml } from '../report/html.ts';
import { pageView } from '../report/html/view.ts';
import { joinedPieces } from '../report/html/write.ts';
import { targetIdsOf } from '../review.ts';
import type { Comparison } from './comparison.ts';
import { reviewed, type Reviewed, type ReviewOptions } from './review.ts';

export { pageView };

/** Of what is compared; throws where a file cannot be read. */
export async function reviewedPage(comparison: Comparison, options: ReviewOptions): Promise<string> {
  const review = await reviewed(comparison, options, { page: pageView });
  if (review.unreadable) throw new UserError(review.report.models.flatMap(({ errors }) => errors).join('; '));
  return pageOf(review);
}

/** Of a review that was asked for it. */
export function pageOf({ report, parts, targets, config }: Reviewed): string {
  const targetIds = targetIdsOf(targets, config);
  const pieces = renderHtml({ report, parts, targets, targetIds, budgets: config.budgets }, viewerAssets());
  if (pieces === undefined) throw new InvariantError('a model was reviewed without its part of the page');
  return joinedPieces(pieces);
}
