import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const sheet = join(import.meta.dirname, '../../../src/report/viewer/styles/00-theme.css');

/** Custom properties of `light-dark(a, b)`, by theme. */
const colours = [...readFileSync(sheet, 'utf8').matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)];
const themes = { light: new Map<string, string>(), dark: new Map<string, string>() };
for (const [, name, light, dark] of colours) {
  themes.light.set(name!, light!);
  themes.dark.set(name!, dark!);
}

/** Relative luminance, as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter! + 0.05) / (darker! + 0.05);
}

/** A bar behind a figure, as the table draws it: so much of its own colour over the ground. */
function over(ground: string, colour: string, opacity: number): string {
  const channels = [1, 3, 5].map((at) => {
    const [below, above] = [ground, colour].map((one) => parseInt(one.slice(at, at + 2), 16));
    return Math.round(below! + (above! - below!) * opacity)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${channels.join('')}`;
}

const grounds = ['ground', 'raised', 'sunken', 'chosen', 'hovered'];
const bars = { base: 0.28, head: 0.28, growth: 0.4, saving: 0.4 };

describe.each(['light', 'dark'] as const)('in the %s theme', (name) => {
  const colour = (property: string): string => themes[name].get(property)!;

  test.each(['text', 'muted', 'accent', 'problem'])('%s can be read on every ground', (text) => {
    for (const ground of grounds) {
      expect(contrast(colour(text), colour(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(Object.entries(bars))('figures can be read over a bar of %s', (bar, opacity) => {
    for (const ground of grounds) {
      const behind = over(colour(ground), colour(bar), opacity);
      expect(contrast(colour('text'), behind), `on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('edges of fields and the ring around the focus can be seen', () => {
    for (const line of ['edge', 'focus-ring']) {
      expect(contrast(colour(line), colour('ground')), line).toBeGreaterThanOrEqual(3);
    }
  });
});
