/** The part of a run that takes time: settings, models, simulation, verdict. Loaded once the check stands. */
import { cacheServiceOf, objectCache } from '../github/actions-cache.ts';
import { annotationsOf } from '../github/annotations.ts';
import { maximumSummaryBytes, type CheckResult } from '../github/check.ts';
import type { GitHub } from '../github/client.ts';
import type { Fetching } from '../github/models.ts';
import { objectStore } from '../github/objects.ts';
import { conclusionOf, pageOf, titleOf, type Reviewed } from '../github/outcome.ts';
import { rangesOf, type Subject } from '../github/range.ts';
import { reviewRange, type RangeOptions } from '../github/review-range.ts';
import type { SettingsInput } from '../github/settings.ts';

/** The subject's own range first. @throws UserError when not even the commits can be read. */
export async function judge(
  github: GitHub,
  subject: Subject,
  folder: string,
  input: SettingsInput,
): Promise<readonly Reviewed[]> {
  const service = cacheServiceOf(process.env);
  // A change never writes to the cache; what it reads is checked.
  const cache = service === undefined ? undefined : { restore: objectCache(service, github.log).restore };
  const fetching: Fetching = { github, store: objectStore(github, folder, cache) };
  const options: RangeOptions = {
    input,
    onProgress: ({ path, stage, target }) => {
      if (stage !== 'match') github.log(`${path}: ${stage === 'read' ? 'reading' : `on ${target ?? ''}`}`);
    },
  };
  const reviews: Reviewed[] = [];
  for (const range of await rangesOf(github, subject)) reviews.push(await reviewRange(fetching, range, options));
  return reviews;
}

export function checkResultOf(reviews: readonly Reviewed[], configPath: string): CheckResult {
  const [own] = reviews;
  return {
    conclusion: conclusionOf(reviews),
    title: titleOf(reviews),
    summary: pageOf(reviews, { limit: { limit: maximumSummaryBytes, unit: 'bytes' }, charts: textChartsOf(own) }),
    annotations: own === undefined || 'problem' in own ? [] : annotationsOf(own, configPath),
  };
}

/** Pictures come with the comment; a check must not wait for them. */
function textChartsOf(own: Reviewed | undefined): 'mermaid' | 'text' | 'off' {
  if (own === undefined || 'problem' in own) return 'off';
  const { charts } = own.settings.config;
  return charts === 'text' || charts === 'off' ? charts : 'mermaid';
}
