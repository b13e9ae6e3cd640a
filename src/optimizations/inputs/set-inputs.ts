/** Inputs of other sizes: their types in the file's graph, the values that no longer apply, constants that held old sizes. */
import { isSymbolic, print } from '../../ir/dimension.ts';
import type { Graph, Shape, TensorType } from '../../ir/graph.ts';
import type { Bindings } from '../../passes/prepared.ts';
import type { BoundModel, ResizedModel } from '../optimization.ts';
import { adaptConstants } from './adapt-constants.ts';
import type { Growth } from './reshape-target.ts';

export type Sizes = ReadonlyMap<string, readonly number[]>;

/** @param sizes by input, of the same rank as the input is declared with */
export function setInputs(given: BoundModel, sizes: Sizes, growth: Growth): ResizedModel {
  const { model } = given;
  const tensors = new Map<string, TensorType>();
  for (const [name, type] of model.graph.tensors) {
    const shape = sizes.get(name) ?? sizesThatStay(name, type, model.graph);
    tensors.set(name, { ...type, shape });
  }
  const graph: Graph = { ...model.graph, tensors };
  const bindings = bindingsFor(graph, given, sizes);
  return adaptConstants(given, { model: { ...model, graph }, bindings }, growth);
}

/** What the file declares of tensors in between was true of the old sizes. */
function sizesThatStay(name: string, { shape }: TensorType, { inputs, initializers }: Graph): Shape | null {
  return inputs.includes(name) || initializers.has(name) ? shape : null;
}

/** Symbols that a new size gives a value have it everywhere; those that no input has now would be refused as mistakes. */
function bindingsFor(graph: Graph, { model, bindings }: BoundModel, sizes: Sizes): Bindings {
  const dims = new Map(bindings.dims);
  for (const [input, shape] of [...bindings.inputs, ...sizes]) {
    model.graph.tensors.get(input)?.shape?.forEach((dimension, axis) => {
      if (isSymbolic(dimension)) dims.set(print(dimension), shape[axis]!);
    });
  }
  const known = new Set(
    graph.inputs.flatMap((input) => (graph.tensors.get(input)?.shape ?? []).filter(isSymbolic).map(print)),
  );
  const unranked = [...bindings.inputs].filter(([name]) => !graph.tensors.get(name)?.shape);
  return { dims: new Map([...dims].filter(([name]) => known.has(name))), inputs: new Map(unranked) };
}
