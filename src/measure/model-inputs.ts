/** What goes into a model: made up from a seed, the same on every machine. */
import { elementCount } from '../formats/dense.ts';
import { quote } from '../formats/protobuf.ts';
import { bitsPerElement, bytesOf, isFloat, type DataType } from '../ir/data-type.ts';
import { isKnown } from '../ir/dimension.ts';
import type { Graph } from '../ir/graph.ts';
import { intAttribute } from '../operators/attribute.ts';
import { elementBytes } from '../optimizations/weights/element-bytes.ts';
import type { NotVerified } from './verification.ts';

export interface ModelInput {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** Random integers are drawn from 0 to this. */
  readonly largest: number;
}

/** A tensor as densely stored little-endian bytes. */
export interface InputTensor {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** @param graph of a prepared model: its shapes are numbers */
export function modelInputs(names: readonly string[], graph: Graph): readonly ModelInput[] | NotVerified {
  const inputs: ModelInput[] = [];
  for (const name of names) {
    const type = graph.tensors.get(name);
    const shape = type?.shape?.filter(isKnown);
    if (!type?.dtype || type.container !== undefined || shape === undefined || shape.length !== type.shape?.length) {
      return { reason: `input ${quote(name)} is no tensor of a known type and shape` };
    }
    inputs.push({ name, dtype: type.dtype, shape, largest: largestIndex(name, graph) });
  }
  return inputs;
}

/** Of an input that picks rows of a table; 1 of any other. */
function largestIndex(name: string, { nodes, tensors }: Graph): number {
  const casts = nodes.filter(({ operator, inputs }) => operator === 'Cast' && inputs[0] === name);
  const names = new Set([name, ...casts.flatMap(({ outputs }) => outputs)]);
  const rows = nodes.flatMap((node) => {
    if (node.operator !== 'Gather' || node.domain !== '' || !names.has(node.inputs[1] ?? '')) return [];
    const shape = tensors.get(node.inputs[0] ?? '')?.shape;
    const size = shape?.at(intAttribute(node, 'axis', 0));
    return size !== undefined && isKnown(size) && size > 0 ? [size] : [];
  });
  return rows.length === 0 ? 1 : Math.min(...rows) - 1;
}

/** Normally distributed floats, uniformly distributed integers; as many runs as are asked for. */
export function randomInputs(
  inputs: readonly ModelInput[],
  runs: number,
  seed: number,
): readonly (readonly InputTensor[])[] | NotVerified {
  const odd = inputs.find(({ dtype }) => !isMade(dtype));
  if (odd !== undefined) return { reason: `no random input of type ${odd.dtype} is made for ${quote(odd.name)}` };
  const random = uniforms(seed);
  return Array.from({ length: runs }, () => inputs.map((input) => randomTensor(input, random)));
}

function isMade(dtype: DataType): boolean {
  return bytesOf(dtype, 1) * 8 === bitsPerElement(dtype) && !/^(float8|complex|string|uint64)/.test(dtype);
}

function randomTensor({ name, dtype, shape, largest }: ModelInput, random: () => number): InputTensor {
  const next = isFloat(dtype) ? () => normal(random) : () => Math.floor(random() * (largest + 1));
  const elements = Float64Array.from({ length: elementCount(shape) }, next);
  return { name, dtype, shape, bytes: elementBytes(() => [elements], dtype, elements.length) };
}

/** Of mean 0 and variance 1: twelve uniform numbers, since functions like the logarithm differ between machines. */
function normal(random: () => number): number {
  let total = -6;
  for (let part = 0; part < 12; part += 1) total += random();
  return total;
}

/** From 0 to below 1: a counter whose bits are mixed as MurmurHash3 ends. */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
