/** The comment's pictures in the check run, too: its page has a place for them below the text. */
import { middleCut } from '../report/inert.ts';
import { picturesOf } from '../report/pictures.ts';
import type { Report } from '../report/report.ts';
import { outputOf, type Check, type CheckResult } from './check.ts';
import { reasonOf, type GitHub } from './client.ts';
import type { HostedImages } from './images/host.ts';

export interface ShownImages {
  readonly report: Report;
  readonly hosted: HostedImages;
  /** What the check says: an update without it would take it away. */
  readonly result: CheckResult;
}

const longestAltText = 255;

/** Never throws: a check without pictures says the same. */
export async function showImages(
  { client, repository, log }: GitHub,
  { id, refused }: Pick<Check, 'id' | 'refused'>,
  { report, hosted, result }: ShownImages,
): Promise<void> {
  const pictures = [...picturesOf(report, hosted).values()].flat();
  if (id === null || refused || pictures.length === 0) return;
  const images = pictures.map(({ altText, light }) => ({ alt: middleCut(altText, longestAltText), image_url: light }));
  try {
    // Annotations that are sent again would stand there twice.
    const output = { ...outputOf({ ...result, annotations: [] }), images };
    await client.rest.checks.update({ ...repository, check_run_id: id, output });
  } catch (error) {
    log(`the pictures could not be shown in the check: ${reasonOf(error)}`);
  }
}
