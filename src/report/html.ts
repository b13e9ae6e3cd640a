/** The report as a page: one HTML file with everything in it. */
import { pageDocument, type PageSetting } from './html/page.ts';
import { pagePieces, type PagePiece, type ViewerAssets } from './html/write.ts';
import { headline } from './headline.ts';
import { printWords } from './print-text.ts';
import { renderText } from './text.ts';

/**
 * Undefined where a model was reviewed without what a page needs.
 *
 * @param assets the built viewer
 */
export function renderHtml(setting: PageSetting, assets: ViewerAssets): readonly PagePiece[] | undefined {
  const document = pageDocument(setting);
  if (document === undefined) return undefined;
  const { report } = setting;
  return pagePieces(document, assets, { title: printWords(headline(report)), plainText: renderText(report) });
}
