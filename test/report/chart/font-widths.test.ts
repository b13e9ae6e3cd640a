import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitPixels, textPixels } from '../../../src/report/chart/font-widths.ts';

const font = readFileSync(new URL('../../../third_party/fonts/DejaVuSans.ttf', import.meta.url));

/** Offset of a table of the TrueType file. */
function tableAt(tag: string): number {
  for (let record = 12; record < 12 + 16 * font.readUInt16BE(4); record += 16) {
    if (font.toString('latin1', record, record + 4) === tag) return font.readUInt32BE(record + 8);
  }
  throw new Error(`no table ${tag}`);
}

/** Glyph of a character by the format 4 subtable of `cmap` for the Basic Multilingual Plane (platform 3, encoding 1). */
function glyphOf(code: number): number {
  const cmap = tableAt('cmap');
  const records = Array.from({ length: font.readUInt16BE(cmap + 2) }, (_, index) => cmap + 4 + 8 * index);
  const record = records.find((at) => font.readUInt16BE(at) === 3 && font.readUInt16BE(at + 2) === 1)!;
  const subtable = cmap + font.readUInt32BE(record + 4);
  const doubled = font.readUInt16BE(subtable + 6);
  for (let segment = 0; segment < doubled; segment += 2) {
    if (code > font.readUInt16BE(subtable + 14 + segment)) continue;
    const start = font.readUInt16BE(subtable + 16 + doubled + segment);
    const delta = font.readUInt16BE(subtable + 16 + 2 * doubled + segment);
    const rangeAt = subtable + 16 + 3 * doubled + segment;
    const range = font.readUInt16BE(rangeAt);
    if (code < start) return 0;
    return range === 0 ? (code + delta) & 0xffff : font.readUInt16BE(rangeAt + range + 2 * (code - start));
  }
  return 0;
}

function advance(code: number): number {
  const widths = font.readUInt16BE(tableAt('hhea') + 34);
  const glyph = Math.min(glyphOf(code), widths - 1);
  return (1000 * font.readUInt16BE(tableAt('hmtx') + 4 * glyph)) / font.readUInt16BE(tableAt('head') + 18);
}

describe('widths', () => {
  test('of ASCII are those of the font', () => {
    const codes = Array.from({ length: 95 }, (_, index) => 32 + index);
    const wrong = codes.filter(
      (code) => Math.round(advance(code)) !== Math.round(textPixels(String.fromCodePoint(code), 1000)),
    );
    expect(wrong).toEqual([]);
  });

  test.each(Array.from('µ×→±Δ−–…·²°█'))(
    'of %s, which reports print, are in the font and not wider than taken',
    (character) => {
      expect(glyphOf(character.codePointAt(0)!)).toBeGreaterThan(0);
      expect(advance(character.codePointAt(0)!)).toBeLessThanOrEqual(textPixels(character, 1000));
    },
  );
});

describe('fitting', () => {
  test.each([
    ['neck/up1/Resize', 200, 'neck/up1/Resize'], // 92 pixels
    ['neck/up1/Resize', 60, 'neck…ize'], // 57.9 pixels; with the s 64.1
    ['neck/up1/Resize', 1, '…'],
  ])('%s in %d pixels', (text, pixels, expected) => {
    expect(fitPixels(text, pixels, 12)).toBe(expected);
  });

  test('keeps to the room and to whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 13, max: 300 }), (text, pixels) => {
        const short = fitPixels(text, pixels, 12);
        expect(textPixels(short, 12)).toBeLessThanOrEqual(pixels);
        expect(short).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});
