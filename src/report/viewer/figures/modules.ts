/** Walks over the module tree of a view. Its depth is what names of files make it, so nothing here calls itself. */
import type { PageModule } from '../../html/document.ts';

/** Outer before inner, in execution order, the whole model first. */
export function allModules(root: PageModule): readonly PageModule[] {
  const found: PageModule[] = [];
  const open: PageModule[] = [root];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    open.push(...next.children.filter((child) => typeof child !== 'number').toReversed());
  }
  return found;
}
