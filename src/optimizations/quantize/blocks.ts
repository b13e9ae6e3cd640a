/**
 * Weights of 4 bits in blocks, each with a scale. A MatMul becomes a MatMulNBits, as the MatMulNBitsQuantizer of ONNX Runtime
 * 1.32 makes it (matmul_nbits_quantizer.py), which leaves all other operators alone. What it leaves is stored here as ONNX
 * can say it from opset 21 on: a DequantizeLinear with a `block_size` over the weight as a matrix of outputs × inputs, and a
 * Reshape back. Other formats have no such operators; their constants take the same bytes.
 */
import { elementCount } from '../../formats/dense.ts';
import type { Attribute, Initializer, Node } from '../../ir/graph.ts';
import { addConstant, nameFor, newConstant, newNode } from './draft.ts';
import type { Draft } from './draft.ts';
import type { FoundWeight } from './weight-inputs.ts';
import type { StoredWeights, StoreWeights } from './weight-only.ts';
import { addDequantized, storeWeight } from './weights.ts';

export interface Blocks {
  /** Elements that share a scale. */
  readonly group: number;
  /** Zero is in the middle; else each block has a zero point of its own. */
  readonly symmetric: boolean;
}

export function storeBlocks(blocks: Blocks): StoreWeights {
  const stored: StoredWeights = new Map();
  return (draft, node, weights) => {
    const reason = whyNotBlocks(draft, node, weights);
    if (reason !== undefined) return reason;
    const isOnnx = draft.scope.model.format === 'onnx';
    if (isOnnx && node.operator === 'MatMul') return packedProduct(draft, node, weights[0]!, blocks);
    const inputs = [...node.inputs];
    for (const weight of weights) {
      const { name } = weight.from;
      const own: Blocks = draft.scope.model.format === 'tflite' ? { ...blocks, group: Infinity } : blocks;
      inputs[weight.position] = stored.get(name) ?? storeMatrix(draft, node, weight, own);
      stored.set(name, inputs[weight.position]!);
    }
    return { ...node, inputs };
  };
}

function whyNotBlocks(draft: Draft, node: Node, weights: readonly FoundWeight[]): string | undefined {
  const { operator, inputs } = node;
  if (operator === 'Gather') return 'entries of a table are no weights of a product';
  if (operator === 'ConvTranspose') return "a transposed convolution's weights do not lie in blocks of its inputs";
  if (weights.some(({ from }) => from.nonZeros !== undefined)) return 'sparse weights are not stored in blocks';
  if (operator !== 'MatMul') return undefined;
  const shape = weights[0]!.from.shape;
  const rank = draft.given.tensors.get(inputs[0]!)?.shape?.length ?? 0;
  if (shape.slice(0, -2).some((size) => size !== 1)) return 'its weights are several matrices';
  return rank < shape.length ? 'its input has fewer axes than its weights' : undefined;
}

function packedProduct(draft: Draft, node: Node, { from }: FoundWeight, { group, symmetric }: Blocks): Node {
  const [rows, columns] = from.shape.slice(-2) as [number, number];
  const count = Math.ceil(rows / group);
  const parts: Initializer[] = [
    newConstant({ name: nameFor(draft, `${from.name}_scales`), dtype: 'float32', shape: [columns, count] }),
  ];
  if (!symmetric) {
    const shape = [columns, Math.ceil(count / 2)];
    parts.push(newConstant({ name: nameFor(draft, `${from.name}_zero_points`), dtype: 'uint8', shape }));
  }
  const to = storeWeight(draft, {
    node,
    from,
    dtype: 'uint8',
    change: { kind: 'quantize', bits: 4, symmetric, axis: from.shape.length - 1, group },
    name: `${from.name}_Q4`,
    shape: [columns, count, group / 2],
    storage: parts,
  });
  const attributes: Record<string, number> = { K: rows, N: columns, bits: 4, block_size: group };
  return {
    ...node,
    name: node.name === '' ? '' : `${node.name}_Q4`,
    operator: 'MatMulNBits',
    domain: 'com.microsoft',
    version: 1,
    inputs: [node.inputs[0]!, to.name, ...parts.map(({ name }) => name)],
    attributes: new Map(
      Object.entries(attributes).map(([key, value]): [string, Attribute] => [key, { kind: 'int', value }]),
    ),
    metadata: new Map(),
  };
}

/** What the layer reads. */
function storeMatrix(draft: Draft, node: Node, { from, axis }: FoundWeight, { group, symmetric }: Blocks): string {
  const isMatrix = from.shape.length === 2;
  // Directions and gates of recurrent layers come before the axis of their inputs.
  const outputs = axis === from.shape.length - 1 ? from.shape[axis]! : elementCount(from.shape.slice(0, axis + 1));
  const inputs = elementCount(from.shape) / outputs;
  const blocks = Math.ceil(inputs / group);
  const blockAxis = isMatrix ? 1 - axis : 1;
  const shapeOf = (count: number) => (blockAxis === 1 ? [outputs, count] : [count, outputs]);
  const integers = symmetric ? 'int4' : 'uint4';
  const part = (name: string, dtype: 'float32' | 'uint4') =>
    newConstant({ name: nameFor(draft, `${from.name}_${name}`), dtype, shape: shapeOf(blocks) });
  const storage = [part('scale', 'float32'), ...(symmetric ? [] : [part('zero_point', 'uint4')])];
  const to = storeWeight(draft, {
    node,
    from,
    dtype: integers,
    change: { kind: 'quantize', bits: 4, symmetric, axis, ...(Number.isFinite(group) ? { group } : {}) },
    shape: isMatrix ? from.shape : [outputs, inputs],
    storage,
  });
  const output = nameFor(draft, `${from.name}_DequantizeLinear_Output`);
  addDequantized(draft, output, from, [to, ...storage]);
  const flat = isMatrix ? output : nameFor(draft, `${output}_flat`);
  draft.addedNodes.push(
    newNode(draft, node, {
      name: `${from.name}_DequantizeLinear`,
      operator: 'DequantizeLinear',
      inputs: [to.name, ...storage.map(({ name }) => name)],
      outputs: [flat],
      attributes: {
        axis: { kind: 'int', value: blockAxis },
        block_size: { kind: 'int', value: Math.min(group, inputs) },
      },
    }),
  );
  if (!isMatrix) draft.addedNodes.push(reshape(draft, node, { from, flat, output }));
  return output;
}

interface Reshaped {
  readonly from: Initializer;
  readonly flat: string;
  readonly output: string;
}

function reshape(draft: Draft, node: Node, { from, flat, output }: Reshaped): Node {
  const shape = nameFor(draft, `${from.name}_shape`);
  addConstant(draft, { name: shape, dtype: 'int64', shape: [from.shape.length] });
  return newNode(draft, node, {
    name: `${from.name}_Reshape`,
    operator: 'Reshape',
    inputs: [flat, shape],
    outputs: [output],
  });
}
