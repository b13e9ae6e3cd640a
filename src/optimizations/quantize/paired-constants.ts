/** Weights and biases as ONNX Runtime's quantizer stores them, each with a DequantizeLinear in the file. */
import type { Initializer, Node } from '../../ir/graph.ts';
import { consumersOf } from '../../passes/drop-nodes.ts';
import { countBiasScale, countDequantizer, countOffsetScale, countWeightScale } from './counted-pairs.ts';
import { nameFor, withEnding } from './draft.ts';
import type { Draft } from './draft.ts';
import { nameInFile } from './fused-names.ts';
import type { Marks } from './marking.ts';
import { addDequantized, storeWeight } from './weights.ts';

/** By name of a marked constant: what the touched nodes read in its place. */
export function quantizeConstants(
  draft: Draft,
  { tensors }: Marks,
  touched: ReadonlySet<Node>,
): ReadonlyMap<string, string> {
  const read = new Map<string, string>();
  const readers = consumersOf(draft.given.nodes);
  for (const [name, { axis, offset }] of tensors) {
    const from = draft.given.initializers.get(name);
    const node = from === undefined ? undefined : readers.get(name)?.find((reader) => touched.has(reader));
    if (from === undefined || node === undefined) continue;
    const tensor = nameInFile(node, name, draft.given);
    const slices = axis === undefined ? {} : { axis };
    const change = { kind: 'quantize', bits: 8, symmetric: !offset, ...slices } as const;
    const to = storeWeight(draft, { node, from, dtype: 'int8', change, name: withEnding(draft, tensor, 'quantized') });
    const output = nameFor(draft, withEnding(draft, tensor, 'DequantizeLinear_Output'));
    const shape = axis === undefined ? [] : [from.shape[axis] ?? 1];
    const scale = offset ? countOffsetScale(draft, tensor) : countWeightScale(draft, tensor, shape);
    addDequantized(draft, output, from, [to]);
    countDequantizer(draft, { tensor, input: to.name, output }, scale, axis);
    read.set(name, output);
  }
  return read;
}

export interface QuantizedBias {
  readonly read: string;
  /** The file gives it the name of the float one; here that may still be read by others. */
  readonly inFile: string;
}

/** By node. A bias that several nodes add is one constant for each of them: their scales differ. */
export function quantizeBiases(draft: Draft, { biases, tensors }: Marks): ReadonlyMap<Node, QuantizedBias> {
  const read = new Map<Node, QuantizedBias>();
  const used = new Map<string, number>();
  const { initializers } = draft.given;
  for (const [node, { bias, weight }] of biases) {
    const copies = used.get(bias) ?? 0;
    used.set(bias, copies + 1);
    const tensor = nameInFile(node, bias, draft.given);
    const axis = tensors.get(weight)?.axis;
    read.set(
      node,
      quantizeBias(draft, {
        node,
        from: initializers.get(bias)!,
        name: copies === 0 ? tensor : `${tensor}${copies - 1}`,
        slices: axis === undefined ? 1 : (initializers.get(weight)?.shape[axis] ?? 1),
      }),
    );
  }
  return read;
}

interface Bias {
  readonly node: Node;
  readonly from: Initializer;
  readonly name: string;
  readonly slices: number;
}

const biasChange = { kind: 'quantize-bias' } as const;

function quantizeBias(draft: Draft, { node, from, name, slices }: Bias): QuantizedBias {
  const to = storeWeight(draft, {
    node,
    from,
    dtype: 'int32',
    change: biasChange,
    name: withEnding(draft, name, 'quantized'),
  });
  const scale = countBiasScale(draft, name, slices);
  const read = nameFor(draft, withEnding(draft, name, 'DequantizeLinear_Output'));
  addDequantized(draft, read, from, [to]);
  const axis = slices > 1 ? 0 : undefined;
  countDequantizer(draft, { tensor: name, input: to.name, output: name }, scale, axis);
  return { read, inFile: name };
}
