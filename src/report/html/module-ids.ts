/** Names for modules: the same for the same scope on another target, so that what is open stays open. */
import type { PageModule } from './document.ts';
import type { DraftChild, DraftModule } from './module-draft.ts';

/** Longer texts of a hostile file are cut. */
const longestId = 100;

/** Longer titles too: an id or a table has the names whole. */
const longestTitle = 200;

/** The root's id is `''`. */
export function moduleIds(root: DraftModule): PageModule {
  const taken = new Set(['']);
  const counts = new Map<string, number>();
  const unique = (text: string): string => {
    const cut = text.slice(0, longestId);
    for (;;) {
      const count = (counts.get(cut) ?? 0) + 1;
      counts.set(cut, count);
      const id = count === 1 ? cut : `${cut}~${count}`;
      if (taken.has(id)) continue;
      taken.add(id);
      return id;
    }
  };
  const named = (child: DraftChild): number | PageModule => {
    if (typeof child === 'number') return child;
    const { kind, path, title } = child;
    const id = unique(kind === 'module' ? path : `${kind} ${title}`);
    return { kind, id, title: printedTitle(title), children: child.children.map(named) };
  };
  return { kind: root.kind, id: '', title: root.title, children: root.children.map(named) };
}

/** Without the separators around it. */
function printedTitle(title: string): string {
  const printed = title.replace(/^\/+|[/.]+$/g, '');
  return printed.length > longestTitle ? `${printed.slice(0, longestTitle - 1)}…` : printed;
}
