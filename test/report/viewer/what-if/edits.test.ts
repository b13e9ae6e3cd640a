import { describe, expect, test } from 'vitest';
import { parseEdits } from '../../../../src/optimizations/index.ts';
import { optimizations } from '../../../../src/optimizations/index.ts';
import { commandLine, slashCommand } from '../../../../src/report/viewer/what-if/command-lines.ts';
import {
  listOf,
  moved,
  switched,
  textOf,
  withEdits,
  withoutEdit,
} from '../../../../src/report/viewer/what-if/edit-list.ts';
import { wordsOf } from '../../../../src/report/viewer/what-if/parameter-fields.tsx';
import { parametersOf } from '../../../../src/report/viewer/what-if/parameters.ts';

describe('the running list', () => {
  const list = withEdits([], ['int8', 'w4 group=64 on "a b"', 'fold']);

  test('keeps what is switched off in its place, and only what is on in the text', () => {
    const off = switched(list, 1);
    expect(textOf(off)).toBe('int8; fold');
    expect(listOf('int8; fold', off)).toEqual(off);
    expect(textOf(switched(off, 1))).toBe('int8; w4 group=64 on "a b"; fold');
    expect(textOf(moved(list, 0, 1))).toBe('w4 group=64 on "a b"; int8; fold');
    expect(moved(list, 0, -1)).toBe(list);
    expect(textOf(withoutEdit(list, 0))).toBe('w4 group=64 on "a b"; fold');
  });

  test.each([
    null,
    'x',
    [{ text: 1, on: true }],
    [{ text: 'int8', on: true }],
    Array(65).fill({ text: 'int8', on: false }),
  ])('is read from the text where %j was kept', (kept: unknown) => {
    expect(listOf('fp16;  int8 on x', kept)).toEqual(withEdits([], ['fp16', 'int8 on x']));
  });

  test('is none where the text is no list of edits', () => {
    expect(listOf('int8 on "a', undefined)).toBeNull();
    expect(listOf('', undefined)).toEqual([]);
  });
});

test('fields are made for all that edits take, and options that say nothing new are not written', () => {
  const fields = new Map(optimizations.map(({ name, usage }) => [name, parametersOf(usage)]));
  expect(fields.get('fp16')).toEqual([]);
  expect(fields.get('prune')).toEqual([{ kind: 'value', hint: 'share', examples: [] }]);
  expect(fields.get('palettize')).toMatchObject([{ kind: 'value', examples: ['1', '2', '3', '4', '6', '8'] }]);
  const int8 = fields.get('int8')!;
  expect(int8).toMatchObject([{ key: 'granularity', values: ['tensor', 'channel'] }, { key: 'activations' }]);
  const words = wordsOf(int8, { granularity: 'channel', activations: 'static' });
  expect([...words.options]).toEqual([['granularity', 'channel']]);
  for (const { name, usage } of optimizations) {
    const options = parametersOf(usage).flatMap((one) =>
      one.kind === 'option' ? [`${one.key}=${one.values[1]!}`] : [],
    );
    if (options.length > 0) expect(parseEdits([name, ...options].join(' '))).toHaveLength(1);
  }
});

test('commands to copy hold hostile names as one word', () => {
  const asked = { edits: 'int8 on "a b"', path: "-x/it's [1].onnx", target: 'rpi4-ncnn', toolVersion: '1.2.3' };
  expect(commandLine(asked)).toBe(
    `npx model-budget@1.2.3 optimize './-x/it'\\''s [1].onnx' --apply 'int8 on "a b"' --target rpi4-ncnn`,
  );
  expect(slashCommand(asked)).toBe(`/simulate int8 on "a b" model="-x/it's ?1?.onnx" target=rpi4-ncnn`);
});
