import { describe, expect, test } from 'vitest';
import {
  analysisFile,
  createShelf,
  freeName,
  readAnalysis,
  reportFingerprint,
  type Analysis,
} from '../../../src/report/viewer/state/saved.ts';
import { row, layer } from '../reports.ts';
import { pageOf } from './pages.ts';

const analysis = (name: string, link = 'rows=1'): Analysis => ({
  ...{ schema: 'model-budget/analysis@1', name, report: 'a1', link },
});

function memory(): {
  readonly kept: Map<string, string>;
  getItem: (key: string) => string | null;
  setItem: (key: string, value: string) => void;
} {
  const kept = new Map<string, string>();
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}

describe('the shelf', () => {
  test('keeps analyses by name, for the next page too', () => {
    const storage = memory();
    const shelf = createShelf(() => storage);
    shelf.put(analysis('one'));
    shelf.put(analysis('two'));
    shelf.put(analysis('one', 'rows=2'));
    expect(shelf.lasts).toBe(true);
    const next = createShelf(() => storage);
    expect(next.all().map(({ name, link }) => [name, link])).toEqual([
      ['two', 'rows=1'],
      ['one', 'rows=2'],
    ]);
    next.remove('two');
    expect(shelf.all().map(({ name }) => name)).toEqual(['one']);
  });

  test('lasts as long as the page where the browser keeps nothing', () => {
    const denied = createShelf(() => {
      throw new Error('denied');
    });
    const full = createShelf(() => ({
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
    }));
    for (const shelf of [denied, full]) {
      shelf.put(analysis('one'));
      expect(shelf.all()).toEqual([analysis('one')]);
      expect(shelf.lasts).toBe(false);
    }
  });

  test('leaves out what others wrote there', () => {
    const storage = memory();
    storage.kept.set('model-budget/analyses@1', JSON.stringify([analysis('one'), { name: 'two' }, 7, null]));
    expect(createShelf(() => storage).all()).toEqual([analysis('one')]);
    storage.kept.set('model-budget/analyses@1', '{');
    expect(createShelf(() => storage).all()).toEqual([]);
  });
});

test('a file is read back, and nothing else is', () => {
  const one = analysis('<img src=x onerror=alert(1)>', 'search=%3Cb%3E');
  expect(readAnalysis(analysisFile(one))).toEqual(one);
  for (const wrong of [
    '',
    '[]',
    '{"name":"x"}',
    JSON.stringify({ ...one, schema: 'x' }),
    JSON.stringify({ ...one, name: '' }),
  ]) {
    expect(() => readAnalysis(wrong)).toThrow('model-budget/analysis@1');
  }
});

test('a copy gets a name of its own', () => {
  expect(freeName('a', [])).toBe('a');
  expect(freeName('a', [analysis('a'), analysis('a 2')])).toBe('a 3');
});

test('reports with other rows have other fingerprints', () => {
  const [one, other] = [pageOf(), pageOf({ layers: [row([layer()], [layer()])] })].map(reportFingerprint);
  expect(one).toMatch(/^[0-9a-f]{16}$/);
  expect(one).toBe(reportFingerprint(pageOf()));
  expect(one).not.toBe(other);
});
