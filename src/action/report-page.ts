/** The report page of a job: a file beside report.json, and an artifact of the run that opens in the browser. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepArtifact } from '../github/actions-artifact.ts';
import { resultsServiceOf } from '../github/actions-results.ts';
import { reasonOf } from '../github/client.ts';
import type { KeptPage } from '../github/report-page.ts';
import { joinedPieces, type PagePiece } from '../report/html/write.ts';
import type { Runner } from './runner.ts';

export async function keepPageOfJob(
  pieces: readonly PagePiece[],
  id: string,
  { folder, runUrl }: Runner,
): Promise<KeptPage> {
  const html = joinedPieces(pieces);
  const name = id === 'default' ? 'report' : `report-${id}`;
  const file = join(folder, `${name}.html`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, html);
  const service = resultsServiceOf(process.env);
  if (service === undefined || runUrl === undefined) return { address: null, file };
  try {
    const number = await keepArtifact(service, { name: `model-budget-${name}`, extension: 'html', content: html });
    return { address: `${runUrl}/artifacts/${number}`, file };
  } catch (error) {
    return { address: null, file, remark: `The report page could not be uploaded: ${reasonOf(error)}.` };
  }
}
