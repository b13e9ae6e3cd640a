/**
 * The weights of a compilation's operations, each encoded once in an order and in slices. Equal sizes are one record, so
 * that what is found out about operations with such weights can be remembered by it.
 */
import { printerOf } from '../../../ir/alike.ts';
import type { Architecture, Block } from '../architecture.ts';
import type { NpuOperation, NpuWeights } from '../operation.ts';
import type { EncodedWeights, WeightReader } from './facts.ts';
import type { WeightOrder } from './order.ts';
import type { EncodeWeights } from './slices.ts';

/** @param cuts output channels at which they are sliced; absent: one slice. Null for an operation without weights */
export type EncodeOnce = (operation: NpuOperation, block: Block, cuts?: readonly number[]) => EncodedWeights | null;

const printSizes = printerOf<Required<EncodedWeights>>({
  ...{ sliceBytes: true, weightBytes: true, totalBytes: true, firstBytes: true },
  ...{ evenBytes: true, oddBytes: true, fast: true },
});

export function encodeOnce(encode: EncodeWeights, architecture: Architecture, reader: WeightReader): EncodeOnce {
  const encodingsOf = encodingsBy(reader);
  const orderOf = ordersBy(architecture);
  const bySizes = new Map<string, EncodedWeights>();
  return (operation, block, cuts) => {
    const { weights } = operation;
    if (weights === null) return null;
    const order = orderOf(operation, block);
    const slicings = fromMap(encodingsOf(weights), order, () => new Map<string, EncodedWeights>());
    return fromMap(slicings, cuts === undefined ? '' : cuts.join(' '), () => {
      const encoded = encode(weights, order, cuts ?? [0, weights.outputs]);
      return fromMap(bySizes, printSizes({ fast: false, ...encoded }), () => encoded);
    });
  };
}

/** What a map has for a key, else what is made for it now. */
function fromMap<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** Blocks are found for one filter and one type of elements, so a block decides the order; equal ones are one record. */
function ordersBy(architecture: Architecture): (operation: NpuOperation, block: Block) => WeightOrder {
  const byBlock = new Map<Block, WeightOrder>();
  const byText = new Map<string, WeightOrder>();
  return (operation, block) =>
    fromMap(byBlock, block, () => {
      const order = architecture.weightOrder(operation, block);
      return fromMap(byText, Object.values(order).join(' '), () => order);
    });
}

/** By order, then by how they are cut. */
type Encodings = Map<WeightOrder, Map<string, EncodedWeights>>;

/** Of weights whose numbers nobody can tell, and nobody asks for, nothing counts but the shape. */
function encodingsBy(reader: WeightReader): (weights: NpuWeights) => Encodings {
  const byWeights = new Map<NpuWeights, Encodings>();
  const byShape = new Map<string, Encodings>();
  const { sources, recorded, onAssumed, onFound } = reader;
  const nobodyKnows = [sources, recorded, onAssumed, onFound].every((each) => each === undefined);
  return (weights) =>
    fromMap(byWeights, weights, () =>
      nobodyKnows && weights.filledWith === undefined ? fromMap(byShape, shapeOf(weights), noEncodings) : noEncodings(),
    );
}

function noEncodings(): Encodings {
  return new Map();
}

function shapeOf({ outputs, height, width, inputs, zerosY = 1, zerosX = 1 }: NpuWeights): string {
  return `${outputs} ${height} ${width} ${inputs} ${zerosY} ${zerosX}`;
}
