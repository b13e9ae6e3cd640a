/** Neighbours in execution order as one child of a level that would have too many. */
import type { DiffRow } from '../../compare/comparison.ts';
import { rowName } from '../repeats.ts';
import type { DraftChild, DraftModule } from './module-draft.ts';

/** More children than these are no picture any more. */
const mostChildren = 60;

/** Of a stretch. */
const goodLength = 40;

/** Names in titles are cut here; the rows have them whole. */
const longestName = 60;

export function splitLevel(rows: readonly DiffRow[]): (children: readonly DraftChild[]) => readonly DraftChild[] {
  return (children) => {
    let level = children;
    while (level.length > mostChildren) level = cutInParts(level, Math.ceil(level.length / goodLength), rows);
    return level;
  };
}

/** As equal in length as can be. */
function cutInParts(level: readonly DraftChild[], count: number, rows: readonly DiffRow[]): readonly DraftChild[] {
  return Array.from({ length: count }, (_, index) => {
    const at = (part: number): number => Math.floor((part * level.length) / count);
    return stretchOf(level.slice(at(index), at(index + 1)), rows);
  });
}

export function stretchOf(children: readonly DraftChild[], rows: readonly DiffRow[]): DraftModule {
  const [first, last] = [children[0]!, children.at(-1)!].map((child) => nameOf(child, rows));
  return { kind: 'stretch', path: '', title: `${first!} … ${last!}`, children };
}

function nameOf(child: DraftChild, rows: readonly DiffRow[]): string {
  const name = typeof child === 'number' ? rowName(rows[child]!) : child.title.replace(/[/.]+$/, '');
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}
