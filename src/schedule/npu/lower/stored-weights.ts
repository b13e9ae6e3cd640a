/** Where the file keeps weights that were dequantized, transposed or reshaped on their way to a layer. */
import type { Graph, Initializer } from '../../../ir/graph.ts';
import type { NpuWeights } from '../operation.ts';

/**
 * The same weights with the initializer that holds their integers. A transposed matrix is read by columns; other moves
 * change the order only, which the size of compressed weights hardly depends on.
 */
export function storedWeights(weights: NpuWeights, { initializers }: Graph): NpuWeights {
  const { initializer } = weights;
  const sources = (initializer.foldedFrom ?? []).flatMap((name) => initializers.get(name) ?? []);
  const stored = sources.find((source) => elementsOf(source) === elementsOf(initializer));
  if (stored === undefined) return weights;
  return {
    ...weights,
    initializer: stored,
    strides: isTransposed(stored, initializer) ? turned(weights) : weights.strides,
  };
}

const elementsOf = ({ shape }: Initializer) => shape.reduce((product, size) => product * size, 1);

function isTransposed({ shape }: Initializer, { shape: now }: Initializer): boolean {
  return shape.length === 2 && now.length === 2 && shape[0] !== shape[1] && shape[0] === now[1] && shape[1] === now[0];
}

function turned({ strides, inputs, outputs }: NpuWeights): NpuWeights['strides'] {
  const byOutput = strides.output > strides.input;
  return { ...strides, output: byOutput ? 1 : inputs, input: byOutput ? outputs : 1 };
}
