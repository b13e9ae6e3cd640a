import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commands, parseCommand } from '../../../src/github/commands/index.ts';
import { commandLineIn } from '../../../src/github/commands/command-line.ts';
import { quote } from '../../../src/optimizations/grammar.ts';
import { hostileText } from '../../report/hostile-text.ts';

function canonical(text: string): string | null {
  const parsed = parseCommand({ text });
  return parsed.kind === 'call' ? parsed.call.text : null;
}

function mistake(text: string): string {
  const line = commandLineIn(text);
  const parsed = line === null ? null : parseCommand(line);
  if (parsed?.kind !== 'mistake') throw new Error(`no mistake: ${text}`);
  return parsed.message;
}

describe('one spelling for the same question', () => {
  test.each([
    ['/simulate int8', '/simulate int8'],
    ['/SIMULATE  int8 ;  prune 0.5   on "a b" ', '/simulate int8; prune 0.5 on "a b"'],
    ['/simulate palettize 4 on top:5 target=t model=m', '/simulate palettize 4 on top:5 model=m target=t'],
    ['/simulate int8 on "x=y" model="a b/*.onnx"', '/simulate int8 on "x=y" model="a b/*.onnx"'],
    ['/simulate int8 granularity=tensor', '/simulate int8 granularity=tensor'],
    ['/optimize', '/optimize'],
    ['/optimize peak-memory target=t', '/optimize peak-memory target=t'],
    ['/budget  STATUS model=a', '/budget status model=a'],
    ['/budget explain "a b"', '/budget explain "a b"'],
    ['/budget explain neck/*', '/budget explain neck/*'],
    ['/model-budget help', '/model-budget help'],
  ])('%s', (written, text) => {
    expect(canonical(written)).toBe(text);
  });

  test('parses to itself', () => {
    const word = fc
      .oneof(hostileText, fc.constantFrom('a b', 'x;y', 'on', 'model=x', '"', '\\', 'neck/*', 'top:1', ''))
      .map((text) => quote(text.replace(/\s+/g, ' ').slice(0, 60)));
    const line = fc.tuple(
      fc.constantFrom('/simulate int8 on ', '/simulate w4 group=32 on ', '/budget explain ', '/optimize model='),
      word,
      fc.constantFrom('', ' model=a', ' target=b model="c d"'),
    );
    let calls = 0;
    fc.assert(
      fc.property(line, ([opening, middle, options]) => {
        const text = canonical(opening + middle + options);
        if (text === null) return;
        calls += 1;
        expect(canonical(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
    expect(calls).toBeGreaterThan(100);
  });
});

describe('whatever somebody writes', () => {
  test('is a call, a mistake or foreign, and never a crash', () => {
    const piece = fc.oneof(
      hostileText,
      fc.constantFrom(
        '/simulate',
        '/optimize',
        '/budget',
        '/model-budget',
        ' ',
        ' on ',
        ';',
        '=',
        'model=',
        'target=',
        '"',
        'int8',
        'top:',
        'status',
        'explain',
        'help',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const line = commandLineIn(pieces.join(''));
        if (line === null) return;
        const parsed = parseCommand(line);
        if (parsed.kind === 'mistake') expect(parsed.message).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a mistake is named', () => {
  test.each([
    ['/simulate', 'no edit is given; write one as `int8` or `palettize 4 on top:5`'],
    ['/simulate in8', 'no edit is named `in8` (did you mean "int8"?); there are fp16'],
    ['/simulate model=a int8', '`model=` comes last, behind everything else'],
    ['/simulate int8 modle=a', 'there is no `modle=` (did you mean `model=`?)'],
    ['/simulate int8 model=a model=b', '`model=` is given twice'],
    ['/simulate int8 target=', '`target=` has no value'],
    ['/simulate int8 on "a', 'a double quote is not closed'],
    [`/simulate ${'x'.repeat(5000)}`, 'the command is longer than 4000 characters'],
    [`/simulate int8 model=${'x'.repeat(300)}`, 'a glob is longer than 256 characters'],
    ['/optimize latencie', '`latencie` is no metric to search for (did you mean "latency"?)'],
    ['/optimize latency size', 'one metric at a time'],
    ['/budget', '`/budget` alone is no command; there are `/budget status`'],
    ['/budget staus', 'there is no `/budget staus` (did you mean "status"?)'],
    ['/budget explain', 'say which layer'],
    ['/budget explain a b', 'one glob of layers at a time'],
    ['/budget status now', '`/budget status` takes no `now`'],
    ['/budegt status', 'there is no `/budegt` (did you mean `/budget`?)'],
    ['/simulat int8', 'there is no `/simulat` (did you mean `/simulate`?)'],
    ['/model-budget hlep', '(did you mean "help"?)'],
  ])('%s', (text, words) => {
    expect(mistake(text)).toContain(words);
  });

  test('a slip in the first word counts only where the rest is ours', () => {
    for (const text of ['/simulat everything', '/budgets of the year', '/budge over']) {
      const line = commandLineIn(text);
      expect(line === null ? 'foreign' : parseCommand(line).kind).toBe('foreign');
    }
  });

  test('its usage is that of the command', () => {
    const parsed = parseCommand({ text: '/budget staus' });
    expect(parsed).toMatchObject({
      usages: [
        expect.stringContaining('/budget status'),
        expect.stringContaining('/budget explain'),
        expect.stringContaining('/budget accept'),
      ],
    });
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  });
});
