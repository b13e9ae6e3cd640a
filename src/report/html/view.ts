/** How the rows of one model on one target hang together: what flows between them, and the modules that they are in. */
import type { DiffRow } from '../../compare/comparison.ts';
import type { PageView } from './document.ts';
import { edgesOf, type CompiledSides } from './edges.ts';
import { layoutsOf } from './layout.ts';
import { moduleTree } from './modules.ts';
import { rowScopes } from './scopes.ts';

export function pageView(rows: readonly DiffRow[], sides: CompiledSides): PageView {
  const edges = edgesOf(rows, sides);
  const prepared = { base: sides.base?.prepared ?? null, head: sides.head?.prepared ?? null };
  const modules = moduleTree(rows, rowScopes(rows, prepared));
  return { edges, modules, layouts: layoutsOf(modules, edges) };
}
