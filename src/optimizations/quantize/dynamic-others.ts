/** What `quantize_dynamic` takes beside products: recurrent layers, tables and what moves their entries: see `dynamic.ts`. */
import { elementCount } from '../../formats/dense.ts';
import type { Initializer, Node } from '../../ir/graph.ts';
import { addConstant, nameFor } from './draft.ts';
import { replace } from './dynamic-draft.ts';
import type { DynamicDraft, QuantizedValue } from './dynamic-draft.ts';
import { storeWeight } from './weights.ts';

/** An LSTM's matrices, with the axes of rows and columns exchanged; it quantizes its input and its state itself. */
export function quantizeRecurrent(draft: DynamicDraft, node: Node): void {
  const [input, recurrent] = [1, 2].map((position) => {
    const from = draft.given.initializers.get(node.inputs[position]!)!;
    return quantizedMatrix(draft, node, from);
  });
  const others = [3, 4, 5, 6, 7].map((position) => node.inputs[position] ?? '');
  const attributes = new Map([...node.attributes].filter(([name]) => name !== 'layout'));
  replace(draft, node, {
    ...node,
    name: node.name === '' ? '' : `${node.name}_quant`,
    operator: 'DynamicQuantizeLSTM',
    domain: 'com.microsoft',
    version: 1,
    inputs: [
      node.inputs[0]!,
      input!.integers,
      recurrent!.integers,
      ...others,
      input!.scale,
      input!.zeroPoint,
      recurrent!.scale,
      recurrent!.zeroPoint,
    ],
    attributes,
  });
}

function quantizedMatrix(draft: DynamicDraft, node: Node, from: Initializer): QuantizedValue {
  const [directions = 1, rows = 1, columns = 1] = from.shape;
  const to = storeWeight(draft, {
    node,
    from,
    dtype: 'int8',
    change: { kind: 'quantize', bits: 8, symmetric: true, axis: draft.perChannel ? 1 : 0 },
    shape: [directions, columns, rows],
  });
  const shape = draft.perChannel ? [directions, rows] : [directions];
  const zeroPoint = nameFor(draft, `${from.name}_zero_point`);
  const scale = nameFor(draft, `${from.name}_scale`);
  addConstant(draft, { name: zeroPoint, dtype: 'int8', shape, fileBytes: elementCount(shape) });
  addConstant(draft, { name: scale, dtype: 'float32', shape });
  return { integers: to.name, scale, zeroPoint };
}

/** A table of floats is looked up as integers; who wants floats dequantizes what was found. */
export function lookUpIntegers(draft: DynamicDraft, node: Node): void {
  const from = draft.given.initializers.get(node.inputs[0]!)!;
  const known = draft.quantized.get(from.name);
  const value = known ?? quantizedTable(draft, node, from);
  draft.quantized.set(from.name, value);
  draft.made.add(from.name);
  move(draft, node, value);
}

function quantizedTable(draft: DynamicDraft, node: Node, from: Initializer): QuantizedValue {
  const to = storeWeight(draft, {
    node,
    from,
    dtype: 'uint8',
    change: { kind: 'quantize', bits: 8, symmetric: false },
  });
  const zeroPoint = nameFor(draft, `${from.name}_zero_point`);
  const scale = nameFor(draft, `${from.name}_scale`);
  // Unsigned numbers above 127 take two bytes, and the middle of the range is there.
  addConstant(draft, { name: zeroPoint, dtype: 'uint8', shape: [], fileBytes: 2 });
  addConstant(draft, { name: scale, dtype: 'float32', shape: [] });
  return { integers: to.name, scale, zeroPoint };
}

/** Moves what is integers already. */
export function moveIntegers(draft: DynamicDraft, node: Node): void {
  move(draft, node, draft.quantized.get(node.inputs[0]!)!);
}

function move(draft: DynamicDraft, node: Node, value: QuantizedValue): void {
  const output = node.outputs[0]!;
  const integers = nameFor(draft, `${output}_quantized`);
  const dtype = draft.tensors.get(value.integers)?.dtype ?? 'uint8';
  draft.tensors.set(integers, { ...(draft.tensors.get(output) ?? { shape: null }), dtype });
  replace(draft, node, {
    ...node,
    inputs: [value.integers, ...node.inputs.slice(1)],
    outputs: [integers, ...node.outputs.slice(1)],
  });
  draft.quantized.set(output, { ...value, integers });
}
