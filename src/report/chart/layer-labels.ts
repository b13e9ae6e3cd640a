/** What axes call layers that stand below one another. */
import { visibleName } from '../inert.ts';
import type { Contribution } from '../repeats.ts';
import { fitEnd, fitName, fitPixels, textPixels } from './font-widths.ts';
import { fontSize } from './theme.ts';

/** `…/layer.3/…/dense/MatMul ×12`: all shortened in one way, that in which fewest look the same. */
export function layerLabels(
  layers: readonly Pick<Contribution, 'name' | 'rows'>[],
  labelPixels: number,
): readonly string[] {
  const [first, ...others] = [fitName, fitEnd, fitPixels].map((fit) =>
    layers.map(({ name, rows }) => {
      const copies = rows.length > 1 ? ` ×${rows.length}` : '';
      const room = labelPixels - textPixels(copies, fontSize.text);
      return fit(visibleName(name, 200), room, fontSize.text) + copies;
    }),
  );
  return others.reduce((best, labels) => (new Set(labels).size > new Set(best).size ? labels : best), first!);
}
