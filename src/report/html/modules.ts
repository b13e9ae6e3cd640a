/** The rows of a report as a tree of modules, each row in one place, with no level too long for one picture. */
import type { DiffRow } from '../../compare/comparison.ts';
import type { PageModule } from './document.ts';
import type { DraftChild } from './module-draft.ts';
import { moduleIds } from './module-ids.ts';
import { foldRepeats } from './module-repeats.ts';
import { splitLevel } from './stretches.ts';

/** @param scopes by row, as `rowScopes` gives them */
export function moduleTree(rows: readonly DiffRow[], scopes: readonly (readonly string[])[]): PageModule {
  const root = grow(scopes);
  const levels = levelMaker(rows);
  return moduleIds({
    kind: 'module',
    path: '',
    title: '',
    children: levels(root.children.map((child) => shorten(child))),
  });

  function shorten(child: Growing | number): DraftChild {
    if (typeof child === 'number') return child;
    const children = levels(child.children.map(shorten));
    const [only] = children;
    if (children.length > 1 || only === undefined)
      return { kind: 'module', path: child.path, title: child.title, children };
    // A module of one row is that row; one of one module is told together with it.
    return typeof only === 'number' ? only : { ...only, title: child.title + only.title };
  }
}

interface Growing {
  readonly path: string;
  readonly title: string;
  readonly children: (number | Growing)[];
  readonly inside: Map<string, Growing>;
}

/** Modules stand where their first row stands. */
function grow(scopes: readonly (readonly string[])[]): Growing {
  const seed = (path: string, title: string): Growing => ({ path, title, children: [], inside: new Map() });
  const root = seed('', '');
  for (const [row, parts] of scopes.entries()) {
    let at = root;
    for (const part of parts) {
      let next = at.inside.get(part);
      if (next === undefined) {
        next = seed(at.path + part, part);
        at.inside.set(part, next);
        at.children.push(next);
      }
      at = next;
    }
    at.children.push(row);
  }
  return root;
}

/** Repeated parts of a level become one child, and what is still too long is cut. */
function levelMaker(rows: readonly DiffRow[]): (children: readonly DraftChild[]) => readonly DraftChild[] {
  const fold = foldRepeats(rows);
  const split = splitLevel(rows);
  return (children) => split(fold(children));
}
