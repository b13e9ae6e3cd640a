/** `/budget accept <metric> [model=<glob>] [target=<id>] [until <date>] because <the rest of the line>` */
import { budgetMetrics, type BudgetMetric } from '../../compare/comparison.ts';
import { UserError } from '../../errors.ts';
import { pathGlob } from '../../glob.ts';
import { nearMiss } from '../../near-miss.ts';
import { joined, named, said, type Phrase } from '../../report/phrase.ts';
import { commandLineIn } from '../commands/command-line.ts';

export const acceptUsage =
  '/budget accept <metric> [model=<glob>] [target=<id>] [until YYYY-MM-DD] because <the rest of the line>';

/** What somebody asked for, as it was written. */
export interface Acceptance {
  readonly metric: BudgetMetric;
  /** Glob over paths and names. */
  readonly model?: string;
  readonly target?: string;
  /** ISO date, of a day that there is. */
  readonly until?: string;
  readonly why: string;
}

/** In words, why nothing was done. */
export interface Problem {
  readonly problem: Phrase;
}

export const longestReason = 500;
export const longestTarget = 200;

const opening = /^\/budget\s+accept(?=\s|$)/i;

/** What the first command of a comment accepts; null where it is another one, or has a mistake. */
export function acceptanceIn(body: string): Acceptance | null {
  const { text: line, meant } = commandLineIn(body) ?? {};
  if (line === undefined || meant !== undefined || !opening.test(line)) return null;
  const acceptance = parseAcceptance(line.replace(opening, ''));
  return 'problem' in acceptance ? null : acceptance;
}

export function isSameAcceptance(one: Acceptance, other: Acceptance): boolean {
  const keys = ['metric', 'model', 'target', 'until', 'why'] as const;
  return keys.every((key) => one[key] === other[key]);
}

interface Word {
  /** Without its quotes. */
  readonly text: string;
  /** As it stands there. */
  readonly raw: string;
  /** Where it ends. */
  readonly end: number;
}

/** `text`: what follows `/budget accept`. */
export function parseAcceptance(text: string): Acceptance | Problem {
  const options = new Map<string, string>();
  for (let word = wordAt(text, 0); word !== null; word = wordAt(text, word.end)) {
    if ('problem' in word) return word;
    if (word.raw === 'because') return acceptanceOf(options, text.slice(word.end));
    const option = word.raw === 'until' ? untilAt(text, word) : optionOf(word, options);
    if ('problem' in option) return option;
    if (options.has(option.key)) return { problem: [named(option.key), ' is given twice'] };
    options.set(option.key, option.value);
    if (option.end !== undefined) word = { ...word, end: option.end };
  }
  return { problem: ['Say why: the line ends with ', named('because'), ' and the reason'] };
}

/** Space separates words, except between double quotes, where `\` stands before what is meant literally. */
function wordAt(text: string, from: number): Word | Problem | null {
  const pattern = /(\s*)((?:"(?:\\[^]|[^"\\])*"|[^\s"])*)/y;
  pattern.lastIndex = from;
  const [, space = '', raw = ''] = pattern.exec(text) ?? [];
  const start = from + space.length;
  if (start === text.length) return null;
  const end = start + raw.length;
  if (text[end] === '"') return { problem: ['A quote is opened and not closed'] };
  const unquoted = raw.replace(/"((?:\\[^]|[^"\\])*)"/g, (_, inside: string) => inside.replace(/\\([^])/g, '$1'));
  return { text: unquoted, raw, end };
}

interface Option {
  readonly key: string;
  readonly value: string;
  /** Where what belongs to it ends, if it is more than its own word. */
  readonly end?: number;
}

function optionOf({ text, raw }: Word, given: ReadonlyMap<string, string>): Option | Problem {
  const [, key] = /^(\w+)=/.exec(raw) ?? [];
  if (key === undefined) {
    if (!given.has('metric')) return { key: 'metric', value: text };
    const near = nearMiss(text, ['because', 'until', 'model=', 'target=']);
    const meant: Phrase = near === undefined ? [] : [' (did you mean ', named(near), '?)'];
    return { problem: [named(text, 40), ' is not understood', ...meant] };
  }
  const value = text.slice(key.length + 1);
  if (key === 'model') return value === '' ? { problem: [named('model='), ' names no model'] } : globOption(value);
  if (key === 'target') {
    const isName = value !== '' && value.length <= longestTarget;
    return isName ? { key, value } : { problem: [named('target='), ' takes the id of a target'] };
  }
  const near = nearMiss(key, ['model', 'target']);
  const meant: Phrase = near === undefined ? [] : [' (did you mean ', named(`${near}=`), '?)'];
  return { problem: ['There is no option ', named(`${key}=`, 40), ...meant] };
}

function globOption(value: string): Option | Problem {
  try {
    pathGlob(value);
    return { key: 'model', value };
  } catch (error) {
    if (error instanceof UserError) return { problem: [named('model='), ': ', said(error.message)] };
    throw error;
  }
}

function untilAt(text: string, word: Word): Option | Problem {
  const next = wordAt(text, word.end);
  if (next === null || 'problem' in next || !isDay(next.raw)) {
    const other: Phrase = next === null ? [] : [', not by ', named('problem' in next ? '"' : next.raw, 40)];
    return { problem: [named('until'), ' is followed by a day as ', named('2026-01-31'), ...other] };
  }
  return { key: 'until', value: next.raw, end: next.end };
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function acceptanceOf(options: ReadonlyMap<string, string>, rest: string): Acceptance | Problem {
  const written = options.get('metric');
  const metric = budgetMetrics.find((one) => one === written);
  if (metric === undefined) return { problem: metricProblem(written) };
  const why = rest.replace(/\s+/gu, ' ').trim();
  if (why === '') return { problem: ['Say why: a reason follows ', named('because')] };
  if (why.length > longestReason) return { problem: [`The reason is longer than ${longestReason} characters`] };
  const [model, target, until] = ['model', 'target', 'until'].map((key) => options.get(key));
  return {
    metric,
    ...(model === undefined ? {} : { model }),
    ...(target === undefined ? {} : { target }),
    ...(until === undefined ? {} : { until }),
    why,
  };
}

function metricProblem(written: string | undefined): Phrase {
  const near = written === undefined ? undefined : nearMiss(written, budgetMetrics);
  const meant: Phrase = near === undefined ? [] : [' (did you mean ', named(near), '?)'];
  const first: Phrase =
    written === undefined ? ['No metric is named'] : ['There is no metric ', named(written, 40), ...meant];
  const all = joined(
    budgetMetrics.map((one): Phrase => [named(one)]),
    ', ',
  );
  return [...first, '; it is one of ', ...all];
}
