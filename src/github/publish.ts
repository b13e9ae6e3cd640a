/** The pictures and the comment of a review. Nothing here changes the verdict. */
import type { Config } from '../config/record.ts';
import { showMore } from './check-images.ts';
import type { Check } from './check.ts';
import type { GitHub } from './client.ts';
import { markerOf, overtakenBy, publishComment, type CommentOutcome } from './comment.ts';
import { noImages, type HostedImages, type ImageRequest } from './images/host.ts';
import { hostImages } from './images/index.ts';
import type { Judged } from './judged.ts';
import { conclusionOf, pageOf, type Reviewed } from './outcome.ts';
import type { Subject } from './range.ts';
import { keepReportPage, pageAddressOf, type KeepPage, type KeptPage } from './report-page.ts';
import { maximumCommentCharacters } from './sticky.ts';

export interface Publication {
  readonly subject: Subject;
  readonly id: string;
  readonly check: Check;
  readonly isPrivate: boolean;
  readonly apiUrl: string;
  readonly quickChartHost?: string | undefined;
  readonly serve?: ImageRequest['serve'] | undefined;
  /** Keeps the page of the report; absent where nobody does. */
  readonly keepPage?: KeepPage | undefined;
  /** See `CommentRequest`. */
  readonly isOnlyWriter?: boolean | undefined;
  /** When a comment is asked for where no config could be read. */
  readonly when?: Config['comment']['when'] | undefined;
}

export interface Published {
  readonly images: HostedImages;
  /** Null: there is none. */
  readonly page: KeptPage | null;
  /** Null: there is no pull request to comment on, or no comment was asked for. */
  readonly comment: CommentOutcome | null;
}

export async function publishReport(github: GitHub, judged: Judged, publication: Publication): Promise<Published> {
  const images = await imagesOf(github, judged.reviews[0], publication);
  const page = await (judged.page?.finally ?? keepReportPage(github, judged.reviews[0], publication.keepPage));
  const comment = await commentOn(github, judged, { ...publication, images, page });
  if (comment !== null && 'reason' in comment) github.log(`no comment was written: ${comment.reason}`);
  const [own] = judged.reviews;
  if (own !== undefined && !('problem' in own)) {
    const isLinked = judged.page?.inTime !== undefined;
    const more = { report: own.report, hosted: images, page: isLinked ? null : page, result: judged.result };
    await showMore(github, publication.check, more);
  }
  return { images, page, comment };
}

async function imagesOf(github: GitHub, own: Reviewed | undefined, publication: Publication): Promise<HostedImages> {
  if (own === undefined || 'problem' in own || own.range.pullRequest === null) return noImages;
  const { comment, charts } = own.settings.config;
  const isHosted = charts !== 'mermaid' && charts !== 'text' && charts !== 'off';
  const nobodyLooks = isHosted && (comment.when === 'never' || (await isOvertaken(github, own)));
  const { isPrivate, apiUrl, quickChartHost, serve } = publication;
  const hosted = await hostImages(github, {
    report: own.report,
    charts: nobodyLooks ? 'mermaid' : charts,
    pullRequest: own.range.pullRequest,
    id: publication.id,
    layers: comment.layers,
    isPrivate,
    apiUrl,
    ...(quickChartHost === undefined ? {} : { quickChartHost }),
    ...(serve === undefined ? {} : { serve }),
  });
  if (charts !== 'auto') return hosted;
  // The ladder is there to be gone down: not having the first rung is no news.
  for (const remark of hosted.remarks) github.log(remark);
  return { ...hosted, remarks: [] };
}

/** The pictures of an older head must not replace those of a newer one. */
async function isOvertaken(github: GitHub, { range }: Reviewed): Promise<boolean> {
  if (range.pullRequest === null) return true;
  const pullRequest = { pullRequest: range.pullRequest, headSha: range.head.sha, baseRef: range.base.ref };
  return (await overtakenBy(github, pullRequest).catch(() => undefined)) !== undefined;
}

async function commentOn(
  github: GitHub,
  { reviews, result }: Judged,
  { subject, id, check, isOnlyWriter, images, page, when: asked }: Publication & Pick<Published, 'images' | 'page'>,
): Promise<CommentOutcome | null> {
  if (subject.kind !== 'pull-request') return null;
  const [own] = reviews;
  const when = own === undefined || 'problem' in own ? asked : own.settings.config.comment.when;
  if (when === 'never') return null;
  const { facts } = subject;
  const limit = maximumCommentCharacters - markerOf(id, facts.headSha).length - 2;
  const options = {
    limit: { limit, unit: 'characters' },
    images: images.images,
    charts: images.fallback,
    ...pageAddressOf(page),
  } as const;
  return publishComment(github, {
    pullRequest: facts.number,
    id,
    headSha: facts.headSha,
    baseRef: own?.range.base.ref ?? facts.baseRef,
    body: own === undefined ? result.summary : pageOf(reviews, options),
    check,
    isOnlyWriter,
    mayCreate: own !== undefined && mayCreateComment(own, reviews),
  });
}

/** A comment that is there is always kept up to date; this says when one is made. */
function mayCreateComment(own: Reviewed, reviews: readonly Reviewed[]): boolean {
  // The base's config is broken for every pull request: the check says so, a comment on each would be noise.
  if ('problem' in own) return false;
  const { models, notes, verdict } = own.report;
  switch (own.settings.config.comment.when) {
    case 'always':
      return true;
    case 'changed':
      return models.length > 0 || notes.length > 0 || verdict !== 'pass';
    case 'breach':
      return conclusionOf(reviews) !== 'success' || verdict !== 'pass';
    case 'never':
      return false;
  }
}
