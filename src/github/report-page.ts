/** The page of a review's report: made once the check stands, and kept where its readers find it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { PagePiece } from '../report/html/write.ts';
import { visibleSentence } from '../report/inert.ts';
import { targetIdsOf } from '../review.ts';
import { reasonOf, type GitHub } from './client.ts';
import type { Reviewed } from './outcome.ts';

export interface KeptPage {
  /** Where it opens; null: nowhere but in `file`. */
  readonly address: string | null;
  /** A file of the job that holds it. */
  readonly file?: string;
  /** In one line why there is no address. */
  readonly remark?: string;
}

/** Keeps a page. Rather says what went wrong than that it throws. */
export type KeepPage = (pieces: readonly PagePiece[]) => Promise<KeptPage>;

/** Null: there is no page. Never throws: a review without its page says the same. */
export async function keepReportPage(
  github: GitHub,
  own: Reviewed | undefined,
  keep: KeepPage | undefined,
): Promise<KeptPage | null> {
  if (keep === undefined || own === undefined || 'problem' in own || own.report.models.length === 0) return null;
  try {
    const pieces = await piecesOf(own);
    return pieces === undefined ? null : await keep(pieces);
  } catch (error) {
    const remark = visibleSentence(`the report page could not be kept: ${reasonOf(error)}`);
    github.log(remark);
    return { address: null, remark };
  }
}

export interface TimelyPage {
  /** Undefined: it took too long. */
  readonly inTime: KeptPage | null | undefined;
  readonly finally: Promise<KeptPage | null>;
}

/** A check must not wait for a storage that does not answer. */
const longestWaitMilliseconds = 3000;

/** The page, or what is there of it when it is time for the check to say something. */
export async function pageInTime(...page: Parameters<typeof keepReportPage>): Promise<TimelyPage> {
  const kept = keepReportPage(...page);
  const timer = new AbortController();
  const late = wait(longestWaitMilliseconds, undefined, { signal: timer.signal }).catch(() => undefined);
  const inTime = await Promise.race([kept, late]);
  timer.abort();
  return { inTime, finally: kept };
}

/** For who links it. */
export function pageAddressOf(page: KeptPage | null): { readonly page?: string } {
  const address = page?.address ?? undefined;
  return address === undefined ? {} : { page: address };
}

/** Loaded once it is wanted. */
async function piecesOf({ report, parts, settings, range, repositoryUrl }: Exclude<Reviewed, { problem: string }>) {
  const [{ renderHtml }, { viewerAssets }] = await Promise.all([
    import('../report/html.ts'),
    import('../files/viewer-assets.ts'),
  ]);
  const setting = {
    ...{ report, parts: parts ?? [], targets: settings.targets, budgets: settings.config.budgets },
    targetIds: targetIdsOf(settings.targets, settings.config),
    link: range.pullRequest === null ? undefined : `${repositoryUrl}/pull/${range.pullRequest}`,
    sourceAddress: `${repositoryUrl}/blob/${range.head.sha}/`,
  };
  return renderHtml(setting, viewerAssets());
}
