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

export interface EncodeOnce {
  /** @param cuts output channels at which they are sliced; absent: one slice. Null for an operation without weights */
  readonly encode: (operation: NpuOperation, block: Block, cuts?: readonly number[]) => EncodedWeights | null;
  /** The same for weights that have equal sizes in all orders and slices. */
  readonly encodingsOf: (weights: NpuWeights) => object;
}

const printSizes = printerOf<Required<EncodedWeights>>({
  ...{ sliceBytes: true, weightBytes: true, totalBytes: true, firstBytes: true },
  ...{ evenBytes: true, oddBytes: true, fast: true },
});

/** What holds for every compilation for a machine. */
export interface KnownSizes {
  readonly bySizes: Map<string, EncodedWeights>;
  /** Of weights whose numbers nobody can tell. */
  readonly byShape: Map<string, Encodings>;
  readonly orders: Orders;
  /** Entries of all maps together. */
  count: number;
}

export function noSizes(): KnownSizes {
  const orders = { byBlock: new Map<Block, WeightOrder>(), byText: new Map<string, WeightOrder>() };
  return { bySizes: new Map(), byShape: new Map(), orders, count: 0 };
}

/** @param known what was found before, and is added to */
export function encodeOnce(
  encode: EncodeWeights,
  architecture: Architecture,
  reader: WeightReader,
  known: KnownSizes,
): EncodeOnce {
  const encodingsOf = encodingsBy(reader, known);
  return {
    encodingsOf,
    encode(operation, block, cuts) {
      const { weights } = operation;
      if (weights === null) return null;
      const order = orderOf(operation, block, architecture, known.orders);
      const encodings = encodingsOf(weights);
      let slicings = encodings.get(order);
      if (slicings === undefined) encodings.set(order, (slicings = new Map<string, EncodedWeights>()));
      const slicing = cuts === undefined ? '' : cuts.join(' ');
      let encoded = slicings.get(slicing);
      if (encoded === undefined) {
        const found = encode(weights, order, cuts ?? [0, weights.outputs]);
        encoded = same(known.bySizes, printSizes({ fast: false, ...found }), found);
        slicings.set(slicing, encoded);
        known.count++;
      }
      return encoded;
    },
  };
}

/** What a map has for a key, else this one from now on. */
function same<K, V>(map: Map<K, V>, key: K, value: V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  map.set(key, value);
  return value;
}

/** Blocks are found for one filter and one type of elements, so a block decides the order; equal ones are one record. */
interface Orders {
  readonly byBlock: Map<Block, WeightOrder>;
  readonly byText: Map<string, WeightOrder>;
}

function orderOf(
  operation: NpuOperation,
  block: Block,
  architecture: Architecture,
  { byBlock, byText }: Orders,
): WeightOrder {
  const known = byBlock.get(block);
  if (known !== undefined) return known;
  const made = architecture.weightOrder(operation, block);
  const order = same(byText, Object.values(made).join(' '), made);
  byBlock.set(block, order);
  return order;
}

/** By order, then by how they are cut. */
type Encodings = Map<WeightOrder, Map<string, EncodedWeights>>;

/** Of weights whose numbers nobody can tell, and nobody asks for, nothing counts but the shape. */
function encodingsBy(reader: WeightReader, { byShape }: KnownSizes): (weights: NpuWeights) => Encodings {
  const byWeights = new Map<NpuWeights, Encodings>();
  const { sources, recorded, onAssumed, onFound } = reader;
  const nobodyKnows = [sources, recorded, onAssumed, onFound].every((each) => each === undefined);
  return (weights) => {
    const known = byWeights.get(weights);
    if (known !== undefined) return known;
    const made: Encodings = new Map();
    const shared = nobodyKnows && weights.filledWith === undefined;
    const encodings = shared ? same(byShape, shapeOf(weights), made) : made;
    byWeights.set(weights, encodings);
    return encodings;
  };
}

function shapeOf({ outputs, height, width, inputs, zerosY = 1, zerosX = 1 }: NpuWeights): string {
  return `${outputs} ${height} ${width} ${inputs} ${zerosY} ${zerosX}`;
}
