import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { parseTarget } from '../../src/schedule/target-file.ts';
import { toyCpu, toyNpu, toyTargets, toyTargetText } from './toy-targets.ts';

const cpuText = toyTargetText('toy-cpu');

/** The toy CPU's file with one piece of text replaced (which must be there). */
function edited(from: string, to: string): string {
  expect(cpuText).toContain(from);
  return cpuText.replace(from, to);
}

function lineOfText(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

function messageOf(text: string): string {
  try {
    parseTarget(text, 'board.yml');
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('no UserError was thrown');
}

describe('a target file', () => {
  test('becomes the record of the target', () => {
    expect(toyCpu).toMatchObject({ id: 'toy-cpu', hardware: 'toy-cpu', variant: '', class: 'sbc-cpu' });
    expect(toyCpu.units[0]).toMatchObject({ id: 'cpu', kind: 'simd', clockHertz: 1e9, overlapNorm: 1 });
    expect(toyCpu.units[0]?.geometry).toEqual({ kind: 'micro-kernel', rows: 4, columns: 8, depth: 1 });
    expect(toyCpu.memories.map((memory) => memory.id)).toEqual(['dram', 'cache']);
  });

  test('spells perfect overlap as a word', () => {
    expect(toyNpu.units[0]?.overlapNorm).toBe(Infinity);
  });

  test('gives every operator of a group the limits of the group', () => {
    const limits = toyNpu.support.operators.get('ConvInteger');
    expect(limits).toEqual({
      types: ['int8', 'int16'],
      maximumKernel: [7, 7],
      maximumStride: 3,
      constantWeights: true,
      grouped: 'depthwise',
    });
    expect(toyNpu.support.operators.get('Resize')?.attributes).toEqual({ mode: ['nearest', 'linear'] });
  });

  test('says of every number where it comes from', () => {
    const text = edited('clockHertz: 1e9', 'clockHertz: { value: 2e9, kind: datasheet, source: Data sheet of a toy }');
    const target = parseTarget(text, 'board.yml')[0]!;
    expect(target.units[0]?.clockHertz).toBe(2e9);
    expect(target.provenance).toContainEqual({
      path: 'units.cpu.clockHertz',
      value: 2e9,
      kind: 'datasheet',
      source: 'Data sheet of a toy',
      sigma: 0.01,
    });
    expect(target.provenance).toContainEqual({
      path: 'units.cpu.geometry.microKernel.columns',
      value: 8,
      kind: 'estimate',
      source: 'A machine that does not exist, made for sums by hand',
      sigma: 0,
    });
  });

  test('leaves no number without an origin', () => {
    const numbers = (value: unknown): number =>
      typeof value === 'number'
        ? 1
        : value !== null && typeof value === 'object'
          ? Object.values(value).reduce<number>((sum, part) => sum + numbers(part), 0)
          : 0;
    const { provenance, ...rest } = toyCpu;
    expect(provenance).toHaveLength(numbers(rest));
  });
});

describe('versions and variants', () => {
  const text = `${cpuText}versions:
  '1.9': {}
  '1.10':
    invokeSeconds: { value: 2e-5, kind: measured, source: Timed by hand }
`;

  test('the newest version comes first and has the bare id', () => {
    const targets = parseTarget(text, 'board.yml');
    expect(targets.map(({ id, runtime, invokeSeconds }) => [id, runtime.version, invokeSeconds])).toEqual([
      ['toy-cpu', '1.10', 2e-5],
      ['toy-cpu@1.9', '1.9', 1e-5],
    ]);
  });

  test('an override says itself where its numbers come from, and changes no other origin', () => {
    const newest = parseTarget(text, 'board.yml')[0]!;
    const kinds = new Map(newest.provenance.map(({ path, kind }) => [path, kind]));
    expect(kinds.get('invokeSeconds')).toBe('measured');
    expect(kinds.get('units.cpu.clockHertz')).toBe('estimate');
    const without = text.replace('{ value: 2e-5, kind: measured, source: Timed by hand }', '2e-5');
    expect(messageOf(without)).toMatch(/^board\.yml:\d+: this number has no "kind" and "source"/);
  });

  test('the first variant has the bare id', () => {
    expect(toyTargets('toy-npu').map((target) => [target.id, target.variant, target.support.partition])).toEqual([
      ['toy-npu', 'small', 'any'],
      ['toy-npu:single-cut', 'single-cut', 'single-cut'],
    ]);
  });
});

describe('mistakes are told with their line', () => {
  test.each([
    [
      'an unknown key, with the nearest one',
      'clockHertz:',
      'clockHerz:',
      'units.cpu: unknown key "clockHerz" (did you mean "clockHertz"?)',
    ],
    [
      'an unknown word',
      'partition: none',
      'partition: some',
      'support.partition: "some" is not one of any, single-cut, none (did you mean "none"?)',
    ],
    ['a wrong unit', 'clockHertz: 1e9', 'clockHertz: 1 GHz', 'units.cpu.clockHertz: expected number, received string'],
    [
      'a number out of range',
      'efficiency: 1\n',
      'efficiency: 1.5\n',
      'memories.dram.efficiency: Too big: expected number to be <=1',
    ],
    ['an unknown source', 'source: toy', 'source: toi', '"toi" is not in "sources" (did you mean "toy"?)'],
    ['an unknown kind', 'kind: estimate', 'kind: guess', '"kind" must be one of datasheet, measured, fitted, estimate'],
    [
      'a memory that is not there',
      'weights: dram',
      'weights: dramm',
      'no memory is called "dramm" (did you mean "dram"?)',
    ],
    [
      'a calibrated target without errors',
      'status: estimate',
      'status: calibrated',
      'a calibrated target needs a row in "validation"',
    ],
    ['a key given twice', 'cores: 1', 'cores: 1\n    cores: 2', '"cores" is given twice'],
    ['an alias', 'invokeSeconds: 1e-5', 'invokeSeconds: *fast', 'the alias *fast is not allowed: write the value out'],
  ])('%s', (_, from, to, expected) => {
    const text = edited(from, to);
    const line = lineOfText(text, to) + to.trim().split('\n').length - 1;
    expect(messageOf(text)).toBe(`board.yml:${line}: ${expected}`);
  });

  test('a missing key', () => {
    expect(messageOf(edited('invokeSeconds: 1e-5\n', ''))).toBe('board.yml:1: invokeSeconds: is missing');
  });

  test('a number without kind and source', () => {
    const text = edited('kind: estimate\nsource: toy\n', '');
    const line = lineOfText(text, 'runtime:');
    expect(messageOf(text)).toBe(
      `board.yml:${line}: this number has no "kind" and "source", nor has a block around it`,
    );
  });

  test.each([
    ['', 'board.yml:1: a target file is a map that begins with "id:"'],
    ['- 1', 'board.yml:1: a target file is a map that begins with "id:"'],
    ['name: x', 'board.yml:1: id: is missing'],
    ['a: b: c', /^board\.yml:1: Nested mappings/],
    ['[1, 2]: x', 'board.yml:1: a key must be plain text'],
    [`a: ${'['.repeat(10_000)}`, /^board\.yml:1: /],
    [`a: "${'x'.repeat(256 * 1024)}"`, 'board.yml: the file is larger than 256 KiB'],
    [Array.from({ length: 5_000 }, (_, i) => `k${i}: 1`).join('\n'), 'board.yml:1: id: is missing'],
  ])('a file that is none: %#', (text, expected) => {
    const message = messageOf(text);
    if (typeof expected === 'string') expect(message).toBe(expected);
    else expect(message).toMatch(expected);
  });
});
