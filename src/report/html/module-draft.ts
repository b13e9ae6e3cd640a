/** A module of the page's tree before it has its id, which it gets when the tree is whole. */
import type { PageModule } from './document.ts';

export interface DraftModule {
  readonly kind: PageModule['kind'];
  /** The text of its scopes, the outermost first; `''` for the root and for what is no scope. */
  readonly path: string;
  /** As names write it, with its separators. */
  readonly title: string;
  readonly children: readonly DraftChild[];
}

/** A number is a row. */
export type DraftChild = number | DraftModule;
