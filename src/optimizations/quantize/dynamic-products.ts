/** Products of integers whose first operand is quantized in each run: see `dynamic.ts`. */
import type { Attribute, Initializer, Node, TensorType } from '../../ir/graph.ts';
import { intAttribute } from '../../operators/attribute.ts';
import { addConstant, nameFor, newNode, setConstant } from './draft.ts';
import type { NewNode } from './draft.ts';
import { nameInFile } from './fused-names.ts';
import { emit, replace } from './dynamic-draft.ts';
import type { DynamicDraft, QuantizedValue } from './dynamic-draft.ts';
import { addWeightScale, storeWeight } from './weights.ts';

/** MatMul, and Gemm as MatMul and Add. */
export function quantizeProduct(draft: DynamicDraft, node: Node): void {
  const from = draft.given.initializers.get(node.inputs[1]!)!;
  const isGemm = node.operator === 'Gemm';
  const transposed = isGemm && intAttribute(node, 'transB', 0) !== 0;
  const shape = transposed ? [...from.shape].reverse() : from.shape;
  const named = { ...from, shape, name: transposed ? `${from.name}_Transposed` : from.name };
  const weight = quantizedWeight(draft, node, { from, named, axis: draft.perChannel ? shape.length - 1 : undefined });
  const bias = node.inputs[2];
  const output = node.outputs[0]!;
  const name = isGemm ? `${node.name}_MatMul` : node.name;
  const product = isGemm && bias ? `${output}_MatMul` : output;
  const written = bias ? nameFor(draft, product) : output;
  integerProduct(draft, node, { name, operator: 'MatMulInteger', weight, named: product, written });
  if (!bias) return;
  emit(draft, node, { name: `${node.name}_Add`, operator: 'Add', inputs: [written, bias], outputs: [output] });
}

export function quantizeConvolution(draft: DynamicDraft, node: Node): void {
  const from = draft.given.initializers.get(node.inputs[1]!)!;
  const named = { ...from, name: nameInFile(node, from.name, draft.given) };
  const weight = quantizedWeight(draft, node, { from, named, axis: undefined });
  const [, , bias] = node.inputs;
  const output = node.outputs[0]!;
  const written = bias ? nameFor(draft, `${output}quant_scaled_output`) : output;
  integerProduct(draft, node, { name: node.name, operator: 'ConvInteger', weight, named: output, written });
  if (!bias) return;
  emit(draft, node, {
    name: `${output}_bias_add`,
    operator: 'Add',
    inputs: [written, reshapedBias(draft, node, bias)],
    outputs: [output],
  });
}

interface Weight {
  readonly from: Initializer;
  /** As it lies in the file, under the name that its parts are named after. */
  readonly named: Initializer;
  readonly axis: number | undefined;
}

function quantizedWeight(draft: DynamicDraft, node: Node, { from, named, axis }: Weight): QuantizedValue {
  const known = draft.quantized.get(named.name);
  if (known !== undefined) return known;
  const moved = named.shape !== from.shape && axis !== undefined ? from.shape.length - 1 - axis : axis;
  const to = storeWeight(draft, {
    node,
    from,
    dtype: 'int8',
    change: { kind: 'quantize', bits: 8, symmetric: true, ...(moved === undefined ? {} : { axis: moved }) },
    name: `${named.name}_quantized`,
    shape: named.shape,
  });
  const [scale, zeroPoint] = addWeightScale(draft, named, axis);
  const value = { integers: to.name, scale, zeroPoint };
  draft.quantized.set(named.name, value);
  draft.made.add(named.name);
  return value;
}

interface Product {
  readonly name: string;
  readonly operator: 'MatMulInteger' | 'ConvInteger';
  readonly weight: QuantizedValue;
  /** What the tensors in between are named after. */
  readonly named: string;
  readonly written: string;
}

/** The order in which the file has them: scales, product, Cast, Mul. */
function integerProduct(draft: DynamicDraft, node: Node, { name, operator, weight, named, written }: Product): void {
  const activation = quantizedActivation(draft, node);
  const floats = draft.given.tensors.get(node.outputs[0]!) ?? { dtype: 'float32' as const, shape: null };
  const quant = name === '' ? '' : `${name}_quant`;
  const scaling = quant === '' ? `${activation.scale}_${weight.scale}_mul` : `${quant}_scales_mul`;
  const scales = tensor(draft, `${scaling}:0`, { dtype: 'float32', shape: scaleShape(draft, weight) });
  const integers = tensor(draft, `${named}_output_quantized`, { ...floats, dtype: 'int32' });
  const cast = tensor(draft, `${named}_output_quantized_cast_output`, floats);
  draft.tensors.set(written, floats);
  emit(draft, node, { name: scaling, operator: 'Mul', inputs: [activation.scale, weight.scale], outputs: [scales] });
  const product: NewNode = {
    name: quant,
    operator,
    inputs: [activation.integers, weight.integers, activation.zeroPoint, weight.zeroPoint],
    outputs: [integers],
    attributes: operator === 'ConvInteger' ? Object.fromEntries(node.attributes) : {},
  };
  const made = newNode(draft, node, product);
  replace(draft, node, { ...made, id: node.id, sources: node.sources, metadata: node.metadata });
  emit(draft, node, {
    name: `${named}_output_quantized_cast`,
    operator: 'Cast',
    inputs: [integers],
    outputs: [cast],
    attributes: { to: float32Type },
  });
  emit(draft, node, {
    name: quant === '' ? '' : `${quant}_output_scale_mul`,
    operator: 'Mul',
    inputs: [cast, scales],
    outputs: [written],
  });
}

/** TensorProto.FLOAT. */
const float32Type: Attribute = { kind: 'int', value: 1 };

function scaleShape({ initializers }: DynamicDraft, { scale }: QuantizedValue): readonly number[] {
  return initializers.get(scale)?.shape ?? [];
}

function quantizedActivation(draft: DynamicDraft, node: Node): QuantizedValue {
  const name = node.inputs[0]!;
  const known = draft.quantized.get(name);
  if (known !== undefined) return known;
  const type = draft.tensors.get(name) ?? { dtype: 'float32' as const, shape: null };
  const value: QuantizedValue = {
    integers: tensor(draft, `${name}_quantized`, { ...type, dtype: 'uint8' }),
    scale: tensor(draft, `${name}_scale`, { dtype: 'float32', shape: [] }),
    zeroPoint: tensor(draft, `${name}_zero_point`, { dtype: 'uint8', shape: [] }),
  };
  draft.quantized.set(name, value);
  emit(draft, node, {
    name: `${name}_QuantizeLinear`,
    operator: 'DynamicQuantizeLinear',
    inputs: [name],
    outputs: [value.integers, value.scale, value.zeroPoint],
  });
  return value;
}

/** Channels come second; the file reshapes it where the model is loaded. */
function reshapedBias(draft: DynamicDraft, node: Node, bias: string): string {
  const from = draft.given.initializers.get(bias);
  const output = node.outputs[0]!;
  const rank = draft.given.initializers.get(node.inputs[1]!)!.shape.length;
  const channels = Number(draft.tensors.get(bias)?.shape?.[0] ?? 0);
  const shapeName = nameFor(draft, `${output}_bias_reshape_shape`);
  const name = nameFor(draft, `${output}_bias_reshape_output`);
  const shape = [1, channels, ...Array.from({ length: rank - 2 }, () => 1)];
  // -1 among them takes ten bytes.
  addConstant(draft, { name: shapeName, dtype: 'int64', shape: [rank], fileBytes: rank + 9 });
  const reshape: NewNode = { name: '', operator: 'Reshape', inputs: [bias, shapeName], outputs: [name] };
  if (from === undefined) {
    tensor(draft, name, { dtype: 'float32', shape });
    emit(draft, node, reshape);
    return name;
  }
  draft.addedNodes.push(newNode(draft, node, reshape));
  setConstant(draft, {
    ...from,
    name,
    shape,
    ranges: [],
    fileBytes: 0,
    foldedFrom: from.foldedFrom ?? [from.name],
  });
  return name;
}

function tensor(draft: DynamicDraft, wanted: string, type: TensorType): string {
  const name = nameFor(draft, wanted);
  draft.tensors.set(name, type);
  return name;
}
