/** The part of a run that takes time: settings, models, simulation, verdict. Loaded once the check stands. */
import { annotationsOf } from './annotations.ts';
import { maximumSummaryBytes, type CheckResult } from './check.ts';
import type { GitHub } from './client.ts';
import type { Fetching } from './models.ts';
import { objectStore, type StoreCache } from './objects.ts';
import { conclusionOf, pageOf, titleOf, type Reviewed } from './outcome.ts';
import { rangesOf, type Subject } from './range.ts';
import { pageAddressOf, type KeptPage } from './report-page.ts';
import { reviewRange, type RangeOptions } from './review-range.ts';
import type { ResultStore } from './results.ts';
import type { SettingsInput } from './settings.ts';
import { keptText, type WaiverReader } from './waivers/read-waivers.ts';

export { buttonsOf } from './conversation/buttons.ts';

export interface JudgeOptions {
  readonly settings: SettingsInput;
  /** Where objects lie while the run needs them. */
  readonly folder: string;
  /** A change never writes to it; what it reads is checked. */
  readonly cache?: Pick<StoreCache, 'restore'> | undefined;
  /** Without it nothing is waived. */
  readonly waivers?: WaiverReader | undefined;
  /** Where results of earlier reviews are. */
  readonly results?: ResultStore | undefined;
  /** Whether the report of the subject's own range gets a page. */
  readonly hasPage?: boolean;
}

/** The subject's own range first. @throws UserError when not even the commits can be read. */
export async function judge(
  github: GitHub,
  subject: Subject,
  { settings, folder, cache, waivers, results, hasPage }: JudgeOptions,
): Promise<readonly Reviewed[]> {
  const readOnly = cache === undefined ? undefined : { restore: cache.restore };
  const fetching: Fetching = { github, store: objectStore(github, folder, readOnly) };
  const options: RangeOptions = {
    input: settings,
    results,
    onProgress: ({ path, stage, target }) => {
      if (stage !== 'match') github.log(`${path}: ${stage === 'read' ? 'reading' : `on ${target ?? ''}`}`);
    },
  };
  const page = hasPage === true ? (await import('../report/html/view.ts')).pageView : undefined;
  const reviews: Reviewed[] = [];
  for (const range of await rangesOf(github, subject)) {
    const kept = await waivers?.ofRange(range, subject);
    const ofRange = waivers && kept && { waivers: { kept, verified: waivers.verified } };
    const ofOwn = reviews.length === 0 && page && { page };
    reviews.push(await reviewRange(fetching, range, { ...options, ...ofRange, ...ofOwn }));
  }
  return reviews;
}

export interface CheckSetting {
  readonly configPath: string;
  /** Where there is one already. */
  readonly page?: KeptPage | null | undefined;
}

export function checkResultOf(
  github: GitHub,
  reviews: readonly Reviewed[],
  { configPath, page = null }: CheckSetting,
): CheckResult {
  const [own] = reviews;
  const limit = { limit: maximumSummaryBytes, unit: 'bytes' } as const;
  return {
    conclusion: conclusionOf(reviews),
    title: titleOf(reviews),
    summary: pageOf(reviews, { limit, charts: textChartsOf(own), ...pageAddressOf(page) }),
    text: keptText(
      github,
      reviews.flatMap(({ kept }) => kept ?? []),
    ),
    annotations: own === undefined || 'problem' in own ? [] : annotationsOf(own, configPath),
  };
}

/** Pictures come with the comment; a check must not wait for them. */
function textChartsOf(own: Reviewed | undefined): 'mermaid' | 'text' | 'off' {
  if (own === undefined || 'problem' in own) return 'off';
  const { charts } = own.settings.config;
  return charts === 'text' || charts === 'off' ? charts : 'mermaid';
}
