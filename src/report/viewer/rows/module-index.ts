/**
 * The tree of modules, to be asked from below: where a row lies, what leads to a module, which rows it holds. Names of
 * files make the tree as deep as they like, so nothing here calls itself.
 */
import type { PageModule } from '../../html/document.ts';

export interface ModuleIndex {
  readonly root: PageModule;
  readonly byId: ReadonlyMap<string, PageModule>;
  /** From the root to the module, both included; the root alone for an id that there is not. */
  readonly pathTo: (id: string) => readonly PageModule[];
  /** Id of the innermost module that holds the row. */
  readonly moduleOfRow: ReadonlyMap<number, string>;
  /** In execution order. */
  readonly rowsOf: (child: number | PageModule) => readonly number[];
}

export function indexModules(root: PageModule): ModuleIndex {
  const byId = new Map<string, PageModule>();
  const parentOf = new Map<PageModule, PageModule>();
  const moduleOfRow = new Map<number, string>();
  const open = [root];
  for (let module = open.pop(); module !== undefined; module = open.pop()) {
    byId.set(module.id, module);
    for (const child of module.children) {
      if (typeof child === 'number') moduleOfRow.set(child, module.id);
      else {
        parentOf.set(child, module);
        open.push(child);
      }
    }
  }
  const pathTo = (id: string): readonly PageModule[] => {
    const path: PageModule[] = [];
    for (let at: PageModule | undefined = byId.get(id) ?? root; at !== undefined; at = parentOf.get(at)) path.push(at);
    return path.toReversed();
  };
  const known = new Map<PageModule, readonly number[]>();
  const rowsOf = (child: number | PageModule): readonly number[] => {
    if (typeof child === 'number') return [child];
    const rows = known.get(child) ?? rowsBelow(child);
    known.set(child, rows);
    return rows;
  };
  return { root, byId, pathTo, moduleOfRow, rowsOf };
}

function rowsBelow(module: PageModule): readonly number[] {
  const rows: number[] = [];
  const open: (number | PageModule)[] = [module];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'number') rows.push(next);
    else open.push(...next.children.toReversed());
  }
  return rows;
}
