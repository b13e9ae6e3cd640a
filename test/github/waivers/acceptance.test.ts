import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptanceIn, acceptUsage, parseAcceptance } from '../../../src/github/waivers/acceptance.ts';
import { printWords } from '../../../src/report/print-text.ts';

const parsed = (text: string): object | string => {
  const result = parseAcceptance(text);
  return 'problem' in result ? printWords(result.problem) : result;
};

describe('what an acceptance says', () => {
  test.each<[string, object]>([
    [' latency because the camera is new', { metric: 'latency', why: 'the camera is new' }],
    ['  size   because\tof   "it" model=x ', { metric: 'size', why: 'of "it" model=x' }],
    [' size until 2026-02-28 because a', { metric: 'size', until: '2026-02-28', why: 'a' }],
    [
      ' size model=models/** target=rpi4-xnnpack:1-thread because a',
      {
        ...{ metric: 'size', model: 'models/**', target: 'rpi4-xnnpack:1-thread', why: 'a' },
      },
    ],
    [' model="a b \\"c\\".onnx" peak-memory because a', { metric: 'peak-memory', model: 'a b "c".onnx', why: 'a' }],
    [' size model="because" because because', { metric: 'size', model: 'because', why: 'because' }],
    [' size target="a""b" until 2024-02-29 because x', { metric: 'size', target: 'ab', until: '2024-02-29', why: 'x' }],
  ])('%s', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test.each<[string, string | RegExp]>([
    ['', 'Say why: the line ends with because and the reason'],
    [' latency', 'Say why: the line ends with because and the reason'],
    [' latency because  ', 'Say why: a reason follows because'],
    [' because it is so', /^No metric is named; it is one of size, download, .*cpu-fallback$/],
    [' latencyy because x', /^There is no metric latencyy \(did you mean latency\?\); it is one of /],
    [' speed_of_light because x', /^There is no metric speed_of_light; it is one of /],
    [' latency becuase x', 'becuase is not understood (did you mean because?)'],
    [' latency size because x', 'size is not understood'],
    [' latency modell=x because y', 'There is no option modell= (did you mean model=?)'],
    [' latency layer=x because y', 'There is no option layer='],
    [' latency model= because y', 'model= names no model'],
    [' latency target= because y', 'target= takes the id of a target'],
    [' latency model=a model=b because y', 'model is given twice'],
    [' latency until 2026-01-01 until 2026-01-02 because y', 'until is given twice'],
    [' latency until tomorrow because y', 'until is followed by a day as 2026-01-31, not by tomorrow'],
    [' latency until 2026-02-29 because y', /not by 2026-02-29$/],
    [' latency until 26-2-2 because y', /not by 26-2-2$/],
    [' latency until', 'until is followed by a day as 2026-01-31'],
    [' latency model="a because y', 'A quote is opened and not closed'],
    [` latency model=${'x'.repeat(257)} because y`, 'model=: a glob is longer than 256 characters'],
    [` latency because ${'y'.repeat(501)}`, 'The reason is longer than 500 characters'],
    [' \u202e<!--@all--> because y', /^There is no metric \ufffd<!- -@all- ->;/],
  ])('%s is a mistake', (text, expected) => {
    expect(parsed(text)).toEqual(typeof expected === 'string' ? expected : (expect.stringMatching(expected) as string));
  });

  test('no text breaks it, and none takes long', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parsed(text) !== 'undefined'));
    const hostile = [`"${'\\"'.repeat(30_000)}`, 'a"b"'.repeat(15_000), ' '.repeat(60_000), 'model=x '.repeat(8000)];
    for (const text of hostile) expect(typeof parsed(text)).toBe('string');
  });
});

test('of a comment the first command counts, and only if it accepts', () => {
  const said = { metric: 'latency', why: 'x' };
  expect(acceptanceIn('Well.\n\n/budget accept latency because x\n/budget status')).toEqual(said);
  expect(acceptanceIn('/budget  accept  latency because x')).toEqual(said);
  for (const body of [
    '/budget status\n/budget accept latency because x',
    '> /budget accept latency because x',
    '```\n/budget accept latency because x\n```',
    '<!--\n/budget accept latency because x\n-->',
    '/budget acceptlatency because x',
    '/budget accept latency',
    'accept latency because x',
    '',
  ]) {
    expect(acceptanceIn(body)).toBeNull();
  }
});

test('the usage is what is read', () => {
  const filled = acceptUsage
    .replace('<metric>', 'size')
    .replaceAll(/[[\]]/g, '')
    .replace('<glob>', 'a')
    .replace('<id>', 'b')
    .replace('YYYY-MM-DD', '2026-01-31');
  expect(acceptanceIn(filled)).toEqual({
    ...{ metric: 'size', model: 'a', target: 'b', until: '2026-01-31', why: '<the rest of the line>' },
  });
});
