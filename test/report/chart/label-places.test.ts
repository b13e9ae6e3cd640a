import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeLabels, type Labelled } from '../../../src/report/chart/label-places.ts';

const area = { left: 0, right: 400, top: 0, bottom: 300 };
const at = (x: number, y: number, textWidth = 60): Labelled => ({ x, y, diameter: 10, textWidth });

describe('the name of a point', () => {
  test('stands above it where nothing is in the way', () => {
    expect(placeLabels([at(200, 150)], [at(200, 150)], area)).toEqual(['top']);
  });

  test('stands below it at the upper edge, and beside it where both are hidden', () => {
    expect(placeLabels([at(200, 6)], [], area)).toEqual(['bottom']);
    const neighbours = [at(190, 130), at(210, 170)];
    expect(placeLabels([at(200, 150)], neighbours, area)).toEqual(['right']);
    expect(placeLabels([at(380, 150, 30)], [at(370, 130), at(390, 170)], area)).toEqual(['left']);
  });

  test('is left out where it would hide a point, unless it is the first', () => {
    const around = [at(200, 130), at(200, 170), at(160, 150), at(240, 150), at(240, 160)];
    expect(placeLabels([at(200, 150), at(200, 150)], around, area)).toEqual(['top', undefined]);
  });

  test('is left out where it would hide another name or leave the plot', () => {
    expect(placeLabels([at(200, 150, 390), at(200, 150, 390)], [], area)).toEqual(['top', 'bottom']);
    expect(placeLabels([at(200, 150, 390), at(200, 150, 390), at(200, 150, 390)], [], area)[2]).toBeUndefined();
    expect(placeLabels([at(200, 150, 500)], [], area)).toEqual([undefined]);
  });
});

test('names never cover one another', () => {
  const label = fc.record({
    x: fc.integer({ min: 0, max: 400 }),
    y: fc.integer({ min: 0, max: 300 }),
    diameter: fc.constant(0),
    textWidth: fc.integer({ min: 20, max: 120 }),
  });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 8 }), (labels) => {
      const sides = placeLabels(labels, labels, area);
      // With points of no size a text begins five pixels from its point and is eighteen high.
      const boxes = labels.flatMap(({ x, y, textWidth }, index) => {
        switch (sides[index]) {
          case 'top':
            return [{ left: x - textWidth / 2, width: textWidth, top: y - 23 }];
          case 'bottom':
            return [{ left: x - textWidth / 2, width: textWidth, top: y + 5 }];
          case 'left':
            return [{ left: x - 5 - textWidth, width: textWidth, top: y - 9 }];
          case 'right':
            return [{ left: x + 5, width: textWidth, top: y - 9 }];
          default:
            return [];
        }
      });
      const apart = (a: (typeof boxes)[0], b: (typeof boxes)[0]): boolean =>
        a.left + a.width <= b.left || b.left + b.width <= a.left || Math.abs(a.top - b.top) >= 18;
      expect(boxes.every((a, index) => boxes.slice(index + 1).every((b) => apart(a, b)))).toBe(true);
    }),
  );
});
