/** The report page of a review. In a file of its own, since nobody else needs the layout of graphs. */
import { viewerAssets } from '../files/viewer-assets.ts';
import { InvariantError } from '../errors.ts';
import { renderHtml } from '../report/html.ts';
import { joinedPieces } from '../report/html/write.ts';
import { targetIdsOf } from '../review.ts';
import type { Reviewed } from './review.ts';

export { pageView } from '../report/html/view.ts';

/** Of a review that was asked for it. */
export function pageOf({ report, parts, targets, config }: Reviewed): string {
  const targetIds = targetIdsOf(targets, config);
  const pieces = renderHtml({ report, parts, targets, targetIds, budgets: config.budgets }, viewerAssets());
  if (pieces === undefined) throw new InvariantError('a model was reviewed without its part of the page');
  return joinedPieces(pieces);
}
