/** What one step of `preprocess.ts` makes of a graph. */
import type { Graph, Node } from '../../ir/graph.ts';

export interface Step {
  readonly graph: Graph;
  /** Nodes that are new; the others stay the same records. */
  readonly made: readonly Node[];
}
