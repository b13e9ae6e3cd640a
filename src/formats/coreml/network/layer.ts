/** One layer of a NeuralNetwork (NeuralNetwork.proto), as the tables of its translation see it. */
import type { Initializer } from '../../../ir/graph.ts';
import type { Draft } from '../building.ts';
import { emit, step, type Attributes, type Emitter } from '../emission.ts';
import type { Fields } from '../fields.ts';

export interface Layer extends Emitter {
  /** `convolution`; `''` for a layer that NeuralNetwork.proto did not have when this was written. */
  readonly type: string;
  /** Tensors by position. */
  readonly inputs: readonly string[];
  /** Axes of the inputs and outputs, where the file or the layers before tell. */
  readonly ranks: readonly (number | undefined)[];
  readonly outputRanks: readonly (number | undefined)[];
  readonly parameters: Fields;
  readonly blobs: Blobs;
}

/** What layers have made so far: a layer may give its output the name of its input. */
export interface Blobs {
  /** By the file's name: the tensor that stands for it now. */
  readonly tensors: Map<string, string>;
  /** By the file's name. */
  readonly ranks: Map<string, number>;
  /** Every tensor's name, those in bodies too. */
  readonly taken: Set<string>;
  readonly draft: Draft;
}

export type TranslateLayer = (layer: Layer) => void;

export interface LayerType {
  readonly field: number;
  readonly name: string;
  readonly translate?: TranslateLayer;
  /** Axes of the outputs from those of the inputs; absent: as the first input. */
  readonly rank?: (layer: Layer) => number | undefined;
}

/** The layer's inputs through one operator. */
export function through(operator: string, attributes: Attributes = {}): TranslateLayer {
  return (layer) => {
    emitLayer(layer, operator, layer.inputs, attributes);
  };
}

/** Every number of a NeuralNetwork is a float, indices too. */
export function emitLayer(
  layer: Layer,
  operator: string,
  inputs: readonly string[],
  attributes: Attributes = {},
): void {
  emit(layer, operator, inputs, { ...attributes, index_type: { dtype: 'float32' } });
}

/** A node for a part of the layer, given out by another. */
export function part(
  layer: Layer,
  name: string,
  operator: string,
  operands: readonly string[] | { readonly inputs: readonly string[]; readonly attributes: Attributes },
): string {
  const { inputs, attributes } = 'inputs' in operands ? operands : { inputs: operands, attributes: {} };
  return step(layer, name, { operator, inputs, attributes });
}

/** A layer whose node carries its name while another gives its output. */
export function renamed(layer: Layer, suffix: string): Layer {
  return { ...layer, name: `${layer.name}/${suffix}` };
}

export function keepInitializer({ draft }: Layer, initializer: Initializer): string {
  draft.initializers.set(initializer.name, initializer);
  return initializer.name;
}
