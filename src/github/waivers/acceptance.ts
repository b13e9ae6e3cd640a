/** `/budget accept <metric> [model=<glob>] [target=<id>] [until <date>] because <the rest of the line>` */
import { budgetMetrics, type BudgetMetric } from '../../compare/comparison.ts';
import { UserError } from '../../errors.ts';
import { pathGlob } from '../../glob.ts';
import { nearMiss } from '../../near-miss.ts';
import { tokensOf, type Token } from '../../optimizations/grammar.ts';
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

/** `text`: what follows `/budget accept`. Words are those of what-ifs; what follows `because` is no words any more. */
export function parseAcceptance(text: string): Acceptance | Problem {
  try {
    return readAcceptance(text);
  } catch (error) {
    if (error instanceof UserError) return { problem: ['A quote is opened and not closed'] };
    throw error;
  }
}

/** @throws UserError for such a quote, and for nothing else */
function readAcceptance(text: string): Acceptance | Problem {
  const options = new Map<string, string>();
  // One by one: a reason may hold quotes that no word could.
  const tokens = tokensOf(text);
  for (let word = nextOf(tokens); word !== null; word = nextOf(tokens)) {
    if (isWritten(word, 'because', text)) return acceptanceOf(options, text.slice(word.start + 'because'.length));
    const option = isWritten(word, 'until', text) ? untilIn(nextOf(tokens)) : optionOf(word, options);
    if ('problem' in option) return option;
    if (options.has(option.key)) return { problem: [named(option.key), ' is given twice'] };
    options.set(option.key, option.value);
  }
  return { problem: ['Say why: the line ends with ', named('because'), ' and the reason'] };
}

function nextOf(tokens: Iterator<Token>): Token | null {
  const next = tokens.next();
  return next.done === true ? null : next.value;
}

/** The word itself, and not a value that reads the same. */
function isWritten({ text, start }: Token, word: string, line: string): boolean {
  return text === word && line.startsWith(word, start);
}

interface Option {
  readonly key: string;
  readonly value: string;
}

function optionOf({ text, equals }: Token, given: ReadonlyMap<string, string>): Option | Problem {
  if (equals < 1) {
    if (!given.has('metric')) return { key: 'metric', value: text };
    const near = nearMiss(text, ['because', 'until', 'model=', 'target=']);
    const meant: Phrase = near === undefined ? [] : [' (did you mean ', named(near), '?)'];
    return { problem: [named(text, 40), ' is not understood', ...meant] };
  }
  const [key, value] = [text.slice(0, equals), text.slice(equals + 1)];
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

function untilIn(next: Token | null): Option | Problem {
  if (next !== null && isDay(next.text)) return { key: 'until', value: next.text };
  const other: Phrase = next === null ? [] : [', not by ', named(next.text, 40)];
  return { problem: [named('until'), ' is followed by a day as ', named('2026-01-31'), ...other] };
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
