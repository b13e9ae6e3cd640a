/** What base and head of one model have to do with one another: which layer is which, and what type may be assumed. */
import type { GraphMatch, NodeMatch } from '../compare/comparison.ts';
import { matchGraphs } from '../compare/match.ts';
import { weightsNotAvailable } from '../compare/describe-change.ts';
import { modelInitializers, weightFingerprints } from '../formats/weights.ts';
import type { CompileOptions } from '../schedule/compile.ts';
import { holdsQuantizedOperator } from '../schedule/legalize.ts';
import { sameFiles } from './same-files.ts';
import type { PreparedSide, Side } from './side.ts';

export interface Pair {
  readonly match: GraphMatch;
  /** Byte for byte, as far as they are there. */
  readonly sameFiles: boolean;
}

export function matchSides(base: PreparedSide, head: PreparedSide): Pair {
  if (sameFiles(base, head)) return { match: identity(head), sameFiles: true };
  return { match: matchGraphs(matchSide(base), matchSide(head)), sameFiles: false };
}

function matchSide({ prepared, sources }: PreparedSide) {
  // Passes lift constants out of attributes; tensors that they computed have no bytes of their own.
  const lifted = [...prepared.graph.initializers.values()].filter((tensor) => tensor.foldedFrom === undefined);
  return { prepared, weights: weightFingerprints([...lifted, ...modelInitializers(prepared.model)], sources) };
}

/** The same bytes: each node is itself. */
function identity({ prepared }: PreparedSide): GraphMatch {
  const matches = prepared.graph.nodes.map((node): NodeMatch => ({
    status: 'identical',
    evidence: 'weight-hash',
    confidence: 1,
    base: node.sources,
    head: node.sources,
    changes: [],
  }));
  return { change: 'identical', matches };
}

/** True where the weights of a pair were needed and not there. */
export function lacksWeights(match: GraphMatch | undefined): boolean {
  return match?.matches.some((one) => one.changes.includes(weightsNotAvailable)) === true;
}

/** If either side of a pair holds a quantized operator, neither is assumed: a lost quantization must show. */
export function compileOptions(base: Side, head: Side, asked: CompileOptions['assumedType']): CompileOptions {
  const quantized = [base, head].some(
    (side) => side !== 'absent' && side.kind === 'prepared' && holdsQuantizedOperator(side.prepared.graph),
  );
  if (quantized) return { assumedType: 'none' };
  return asked === undefined ? {} : { assumedType: asked };
}
