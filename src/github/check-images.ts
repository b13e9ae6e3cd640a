/** What comes after the check's verdict: the comment's pictures, which its page shows below the text, and the report page. */
import { middleCut } from '../report/inert.ts';
import { pageLink } from '../report/page-link.ts';
import { printMarkdown } from '../report/print-markdown.ts';
import { picturesOf } from '../report/pictures.ts';
import type { Report } from '../report/report.ts';
import { maximumSummaryBytes, outputOf, type Check, type CheckResult } from './check.ts';
import { reasonOf, type GitHub } from './client.ts';
import type { HostedImages } from './images/host.ts';
import { pageAddressOf, type KeptPage } from './report-page.ts';

export interface Shown {
  readonly report: Report;
  readonly hosted: HostedImages;
  /** Null as well where the check says where it is. */
  readonly page: KeptPage | null;
  /** What the check says: an update without it would take it away. */
  readonly result: CheckResult;
}

const longestAltText = 255;

/** Never throws: a check without them says the same. */
export async function showMore(
  { client, repository, log }: GitHub,
  { id, refused }: Pick<Check, 'id' | 'refused'>,
  { report, hosted, page, result }: Shown,
): Promise<void> {
  const pictures = [...picturesOf(report, hosted).values()].flat();
  const summary = withLink(result.summary, page);
  if (id === null || refused || (pictures.length === 0 && summary === result.summary)) return;
  const images = pictures.map(({ altText, light }) => ({ alt: middleCut(altText, longestAltText), image_url: light }));
  try {
    // Annotations that are sent again would stand there twice.
    const output = { ...outputOf({ ...result, summary, annotations: [] }), ...(images.length > 0 && { images }) };
    await client.rest.checks.update({ ...repository, check_run_id: id, output });
  } catch (error) {
    log(`the pictures and the page could not be shown in the check: ${reasonOf(error)}`);
  }
}

/** In front of it, where there is room. */
function withLink(summary: string, kept: KeptPage | null): string {
  const { page } = pageAddressOf(kept);
  if (page === undefined) return summary;
  const linked = `${printMarkdown([pageLink(page)])}\n\n${summary}`;
  return Buffer.byteLength(linked) > maximumSummaryBytes ? summary : linked;
}
