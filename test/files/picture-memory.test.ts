// Pictures that are remembered: drawn once each, no more than have room, the newest ones.
import { describe, expect, test } from 'vitest';
import { chartImages } from '../../src/files/chart-images.ts';
import { rememberPictures } from '../../src/files/picture-memory.ts';
import type { Report } from '../../src/report/report.ts';
import { slower } from '../github/images/image-requests.ts';

/** Draws pictures of so many bytes that begin with their text; what it drew. */
function drawing(byteLength: number) {
  const drawn: string[] = [];
  const draw = (svg: string): Uint8Array => {
    drawn.push(svg);
    const png = Buffer.alloc(byteLength);
    png.write(svg);
    return png;
  };
  return { drawn, draw };
}

const said = (png: Uint8Array): string => Buffer.from(png).toString().replaceAll('\0', '');

describe('a renderer that remembers', () => {
  test('draws the same content once, and gives other content another picture', () => {
    const { drawn, draw } = drawing(10);
    const remembering = rememberPictures(draw);
    expect(['one', 'two', 'one', 'one ', 'two', 'one'].map(remembering).map(said)).toEqual([
      ...['one', 'two', 'one', 'one ', 'two', 'one'],
    ]);
    expect(drawn).toEqual(['one', 'two', 'one ']);
    expect(remembering('two')).toBe(remembering('two'));
  });

  test('keeps the newest ones that have room together', () => {
    const { drawn, draw } = drawing(300);
    const remembering = rememberPictures(draw, 1000);
    for (const svg of ['one', 'two', 'three', 'four']) remembering(svg);
    expect(drawn).toEqual(['one', 'two', 'three', 'four']);
    for (const svg of ['four', 'three', 'two']) expect(said(remembering(svg))).toBe(svg);
    expect(drawn).toHaveLength(4);
    // Of those three it was asked for `four` the longest time ago.
    expect(said(remembering('one'))).toBe('one');
    expect(said(remembering('four'))).toBe('four');
    expect(drawn.slice(4)).toEqual(['one', 'four']);
  });

  test('has room for 16 MB where nobody says otherwise', () => {
    const { drawn, draw } = drawing(1024 * 1024);
    const remembering = rememberPictures(draw);
    const all = Array.from({ length: 40 }, (_, index) => `picture ${index}`);
    for (const svg of all) remembering(svg);
    // Each takes its bytes and one more, so that the sixteenth has no room.
    for (const svg of all.slice(-15)) remembering(svg);
    expect(drawn).toEqual(all);
    remembering(all.at(-16)!);
    expect(drawn.slice(all.length)).toEqual([all.at(-16)]);
  });

  test('draws what is larger than all the room each time, and keeps the others', () => {
    const small = drawing(300);
    const large = drawing(2000);
    const remembering = rememberPictures((svg) => (svg === 'large' ? large : small).draw(svg), 1000);
    for (const svg of ['small', 'large', 'large', 'small']) expect(said(remembering(svg))).toBe(svg);
    expect([small.drawn, large.drawn]).toEqual([['small'], ['large', 'large']]);
  });

  test('remembers nothing of a picture that could not be drawn', () => {
    let tries = 0;
    const remembering = rememberPictures(() => {
      tries += 1;
      if (tries === 1) throw new Error('no');
      return Buffer.from('drawn');
    });
    expect(() => remembering('one')).toThrow('no');
    expect(said(remembering('one'))).toBe('drawn');
  });
});

async function pictures(report: Report): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const { png } of chartImages(report)) all.push(png);
  return all;
}

test('charts of a report that says the same are the very same pictures, of another one others', async () => {
  const [first, again, other] = [await pictures(slower()), await pictures(slower()), await pictures(slower(9e-3))];
  expect(first.length).toBeGreaterThan(0);
  expect(again.every((png, index) => png === first[index])).toBe(true);
  const isIn = (png: Uint8Array): boolean => first.some((one) => Buffer.from(one).equals(png));
  expect(other.map((png) => first.includes(png))).toEqual(other.map(isIn));
  expect(other.every(isIn)).toBe(false);
});
