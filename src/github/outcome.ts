/** What all ranges of a commit amount to: one conclusion for its check, and the words for it. */
import { worstVerdict } from '../compare/budget.ts';
import type { Verdict } from '../compare/comparison.ts';
import { headline } from '../report/headline.ts';
import { heading, list, paragraph, type Block } from '../report/page.ts';
import { named, said, type Phrase } from '../report/phrase.ts';
import { printMarkdown } from '../report/print-markdown.ts';
import { printWords } from '../report/print-text.ts';
import { exitCode } from '../review.ts';
import { renderMarkdown, type MarkdownOptions } from '../report/markdown.ts';
import type { SizeLimit } from '../report/fit.ts';
import type { Report } from '../report/report.ts';
import type { Conclusion } from './check.ts';
import type { Range } from './range.ts';
import type { RangeReview, UnreadableSettings } from './review-range.ts';

export type Reviewed = RangeReview | UnreadableSettings;

const worstFirst: readonly Conclusion[] = ['failure', 'neutral', 'success'];

/** The worst of all ranges: a second pull request from the same head cannot turn the first one green. */
export function conclusionOf(reviews: readonly Reviewed[]): Conclusion {
  const each = reviews.map(rangeConclusion);
  return worstFirst.find((one) => each.includes(one)) ?? 'failure';
}

export function rangeConclusion(reviewed: Reviewed): Conclusion {
  if ('problem' in reviewed) return 'failure';
  const { report, settings } = reviewed;
  if (report.verdict === 'fail') return 'failure';
  if (report.verdict !== 'not-measured') return 'success';
  // No models at all: the list of changes could not be had, so that any budget may apply.
  const applies = report.models.length === 0 ? settings.config.budgets.length > 0 : exitCode(report) === 3;
  return applies && settings.config.unmeasured === 'fail' ? 'failure' : 'neutral';
}

export function verdictOf(reviews: readonly Reviewed[]): Verdict {
  return worstVerdict(reviews.map((one) => ('problem' in one ? 'not-measured' : one.report.verdict)));
}

/** One line of plain text. */
export function titleOf(reviews: readonly Reviewed[]): string {
  const [own, ...others] = reviews.map(headlineOf);
  const worse = reviews.findIndex((one) => rangeConclusion(one) === conclusionOf(reviews));
  if (worse <= 0 || own === undefined) return printWords(own ?? []);
  return printWords([...others[worse - 1]!, ' (pull request ', pullRequestOf(reviews[worse]!.range), ')']);
}

function headlineOf(reviewed: Reviewed): Phrase {
  if ('problem' in reviewed) return ['❌ model-budget: the budgets could not be read'];
  return headline(reviewed.report);
}

function pullRequestOf({ pullRequest }: Range): string {
  return pullRequest === null ? 'none' : `#${pullRequest}`;
}

/** The own range whole, the others by their headline, within the limit. */
export function pageOf(reviews: readonly Reviewed[], options: LimitedOptions): string {
  const [own, ...others] = reviews;
  if (own === undefined) return '';
  const tail = others.length === 0 ? '' : `\n${printMarkdown(otherBlocks(others))}\n`;
  const room = options.limit.limit - (options.limit.unit === 'bytes' ? Buffer.byteLength(tail) : tail.length);
  const page = 'problem' in own ? problemPage(own) : reportPage(own.report, pageOptions(own, options, room));
  return page + tail;
}

/** Pages without a limit, by all else that decides them: check and comment mostly say the same, in full. */
const wholePages = new WeakMap<Report, Map<string, string>>();

function reportPage(report: Report, { limit, ...options }: LimitedOptions): string {
  const pages = wholePages.get(report) ?? new Map<string, string>();
  wholePages.set(report, pages);
  const { images = new Map(), ...others } = options;
  const key = JSON.stringify([others, [...images]]);
  const whole = pages.get(key) ?? renderMarkdown(report, options);
  pages.set(key, whole);
  const size = limit.unit === 'bytes' ? Buffer.byteLength(whole) : whole.length;
  return size <= limit.limit ? whole : renderMarkdown(report, { ...options, limit });
}

type LimitedOptions = MarkdownOptions & { readonly limit: SizeLimit };

function pageOptions({ settings, repositoryUrl }: RangeReview, options: LimitedOptions, room: number): LimitedOptions {
  return {
    layers: settings.config.comment.layers,
    repository: repositoryUrl,
    ...options,
    limit: { ...options.limit, limit: room },
  };
}

/** Others are few, and named by their numbers; even a hundred of them are short. */
const namedOthers = 20;

function otherBlocks(others: readonly Reviewed[]): readonly Block[] {
  const items = others
    .slice(0, namedOthers)
    .map((one): Phrase => [
      `pull request ${pullRequestOf(one.range)} into `,
      named(one.range.base.ref),
      ': ',
      ...headlineOf(one),
    ]);
  const more = others.length > namedOthers ? [paragraph(`… and ${others.length - namedOthers} more`)] : [];
  return [
    paragraph('The same commit is the head of other pull requests; the check says the worst of all:'),
    list(items),
    ...more,
  ];
}

function problemPage(reviewed: UnreadableSettings): string {
  const { range, problem } = reviewed;
  const blocks = [
    heading(3, headlineOf(reviewed)),
    list([[said(problem)]]),
    paragraph(
      'Budgets are read at the tip of the base branch (',
      named(range.base.ref),
      ' at ',
      named(range.base.sha),
      '); nothing passes until they can be.',
    ),
  ];
  return `${printMarkdown(blocks)}\n`;
}
