/** What a row of the translation's tables is. */
import type { Draft } from '../../building.ts';
import type { Fields } from '../../fields.ts';
import type { MilScope, Operation } from '../operation.ts';

/** Reads the blocks of an operation. */
export interface BodyReader {
  /** A graph of its own in the scope around it; `prefix` starts the ids of its nodes. */
  readonly open: (draft: Draft, prefix: string, outer: MilScope) => { readonly draft: Draft; readonly scope: MilScope };
  /** Defines a block's inputs; their names. */
  readonly inputs: (block: Fields, scope: MilScope, draft: Draft) => readonly string[];
  /** Adds a block's operations; the names of its outputs. */
  readonly block: (block: Fields, scope: MilScope, draft: Draft) => readonly string[];
}

/** Adds the nodes that stand for an operation. */
export type Translate = (operation: Operation, bodies: BodyReader) => void;

export type Table = readonly (readonly [type: string, translate: Translate])[];
