/** Pictures that were drawn before: the next push mostly leaves a model as it is, and to draw costs more than the rest of a review. */
import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';
import type { PngRenderer } from '../report/png.ts';

const usualBytes = 16 * 1024 * 1024;

/** The same renderer; it draws the same SVG once, as long as the latest pictures take no more than so many bytes together. */
export function rememberPictures(draw: PngRenderer, maximumBytes = usualBytes): PngRenderer {
  const drawn = new LRUCache<string, Uint8Array>({
    maxSize: maximumBytes,
    sizeCalculation: ({ byteLength }) => 1 + byteLength,
  });
  return (svg) => {
    const key = createHash('sha256').update(svg).digest('hex');
    const png = drawn.get(key) ?? draw(svg);
    drawn.set(key, png);
    return png;
  };
}
