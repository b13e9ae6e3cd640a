import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  centred,
  fitted,
  kept,
  middleOf,
  onPlane,
  opening,
  panned,
  resized,
  seen,
  showing,
  zoomed,
} from '../../../../src/report/viewer/graph/viewport.ts';

const screen = { width: 800, height: 600 };

describe('fitted', () => {
  test('puts a small picture in the middle at its own size', () =>
    expect(fitted({ width: 400, height: 200 }, screen)).toEqual({ x: -200, y: -200, scale: 1 }));

  test('makes a large picture small enough, with a margin', () => {
    const view = fitted({ width: 3008, height: 600 }, screen);
    expect(view.scale).toBeCloseTo(752 / 3008);
    const { x, width } = seen(view, screen);
    expect(x).toBeLessThan(0);
    expect(x + width).toBeGreaterThan(3008);
  });
});

describe('opening', () => {
  test('is all of the picture where that can be read', () =>
    expect(opening({ width: 900, height: 700 }, screen)).toEqual(fitted({ width: 900, height: 700 }, screen)));

  test('is the top of a tall picture at a size that can be read', () => {
    const view = opening({ width: 200, height: 20_000 }, screen);
    expect(view).toMatchObject({ scale: 0.6, y: -40 });
    expect(onPlane(view, { x: 400, y: 0 }).x).toBeCloseTo(100);
  });
});

test('zooming keeps what lies under the pointer, and has ends', () => {
  const view = { x: 10, y: 20, scale: 0.5 };
  const at = { x: 300, y: 100 };
  const [before, after] = [onPlane(view, at), onPlane(zoomed(view, 1.7, at), at)];
  expect(after.x).toBeCloseTo(before.x, 9);
  expect(after.y).toBeCloseTo(before.y, 9);
  expect(zoomed(view, 1e9, at).scale).toBe(4);
  expect(zoomed(view, 0, at).scale).toBe(0.04);
});

test('pushing moves the picture with the hand', () =>
  expect(panned({ x: 0, y: 0, scale: 2 }, 100, -50)).toEqual({ x: -50, y: 25, scale: 2 }));

test('what is in the middle stays there when the screen changes', () => {
  const view = { x: 30, y: 70, scale: 0.5 };
  const small = { width: 300, height: 200 };
  const [before, after] = [
    onPlane(view, { x: 400, y: 300 }),
    onPlane(resized(view, screen, small), { x: 150, y: 100 }),
  ];
  expect(after).toEqual(before);
});

test('some of the picture stays in sight wherever it is pushed', () => {
  const picture = { width: 500, height: 5000 };
  const far = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(far, far, fc.double({ min: 0.04, max: 4, noNaN: true }), (x, y, scale) => {
      const part = seen(kept({ x, y, scale }, picture, screen), screen);
      expect(part.x).toBeLessThan(picture.width);
      expect(part.y).toBeLessThan(picture.height);
      expect(part.x + part.width).toBeGreaterThan(0);
      expect(part.y + part.height).toBeGreaterThan(0);
    }),
  );
});

test('showing moves only where a box is out of sight', () => {
  const view = { x: 0, y: 0, scale: 1 };
  expect(showing(view, { x: 10, y: 10, width: 100, height: 40 }, screen)).toBe(view);
  const box = { x: 2000, y: 10, width: 100, height: 40 };
  expect(showing(view, box, screen)).toEqual(centred(view, middleOf(box), screen));
});
