/** A QuantizeLinear and a DequantizeLinear for each marked tensor, as ONNX Runtime's quantizer names them. */
import type { Node, TensorType } from '../../ir/graph.ts';
import { noAttributes } from './axis-attributes.ts';
import { countDequantizer, countOffsetScale, countQuantizer, offsetScale, offsetZeroPoint } from './counted-pairs.ts';
import type { Scale } from './counted-pairs.ts';
import { derivedId, derivedName, madeNode, nameFor, newConstant, setConstant, withEnding } from './draft.ts';
import type { Draft } from './draft.ts';
import type { Marks, TensorMark } from './marking.ts';

export interface Pair {
  /** The tensor's. */
  readonly name: string;
  /** What the tensor's producer writes, what lies between the two, and what the tensor's readers read. */
  readonly written: string;
  readonly quantized: string;
  readonly read: string;
  /** Ids of both nodes. */
  readonly quantizer: string;
  readonly dequantizer: string;
  readonly scale: Scale;
}

/** By name of a marked tensor that is no constant. They are counted into the file; where they are nodes is up to others. */
export function pairsOf(draft: Draft, { tensors }: Marks): ReadonlyMap<string, Pair> {
  const { initializers } = draft.given;
  const outputs = new Set(draft.given.outputs);
  const pairs = new Map<string, Pair>();
  /** Of tensors that others asked for it first. */
  const scales = new Map<string, Scale>();
  const known = (name: string) => pairs.get(name)?.scale ?? scales.get(name);
  for (const [name, mark] of tensors) {
    if (initializers.has(name)) continue;
    const owner = mark.sharesWith === undefined ? name : scaleOwner(name, tensors, known);
    const scale = known(owner) ?? countOffsetScale(draft, owner);
    if (owner !== name) scales.set(owner, scale);
    pairs.set(name, pairOf(draft, { name, scale, isOutput: outputs.has(name) }));
  }
  return pairs;
}

/** The tensor whose scale it takes in the end, or one on the way there that has been given its scale. */
function scaleOwner(
  name: string,
  tensors: ReadonlyMap<string, TensorMark>,
  known: (name: string) => Scale | undefined,
): string {
  let owner = name;
  for (let steps = 0; steps < tensors.size && known(owner) === undefined; steps++) {
    const { sharesWith } = tensors.get(owner) ?? {};
    if (sharesWith === undefined || sharesWith === owner) break;
    owner = sharesWith;
  }
  return owner;
}

function pairOf(
  draft: Draft,
  { name, scale, isOutput }: Pick<Pair, 'name' | 'scale'> & { readonly isOutput: boolean },
): Pair {
  const written = isOutput ? nameFor(draft, `${name}_QuantizeLinear_Input`) : name;
  const read = isOutput ? name : nameFor(draft, withEnding(draft, name, 'DequantizeLinear_Output'));
  const quantized = derivedName(draft, name, 'QuantizeLinear_Output');
  draft.tensors.set(quantized, { ...typeOf(draft, name), dtype: 'int8' });
  countQuantizer(draft, { tensor: name, input: written, output: quantized }, scale, quantizerKind);
  countDequantizer(draft, { tensor: name, input: quantized, output: read }, scale);
  return {
    name,
    written,
    quantized,
    read,
    quantizer: derivedId(draft, name, 'QuantizeLinear'),
    dequantizer: derivedId(draft, name, 'DequantizeLinear'),
    scale,
  };
}

const quantizerKind = { operator: 'QuantizeLinear', attributes: noAttributes } as const;

/** @param like runs as often; undefined for an input of the graph */
export function quantizerNode(draft: Draft, pair: Pair, like: Node | undefined): Node {
  const { name, written, quantized, quantizer } = pair;
  setFloat(draft, name, written);
  setScale(draft, pair);
  return pairNode(draft, { id: quantizer, operator: 'QuantizeLinear', input: written, output: quantized }, pair, like);
}

export function dequantizerNode(draft: Draft, pair: Pair, like: Node | undefined): Node {
  const { name, quantized, read, dequantizer } = pair;
  setFloat(draft, name, read);
  setScale(draft, pair);
  return pairNode(draft, { id: dequantizer, operator: 'DequantizeLinear', input: quantized, output: read }, pair, like);
}

function setFloat(draft: Draft, name: string, float: string): void {
  if (float !== name) draft.tensors.set(float, typeOf(draft, name));
}

function typeOf({ tensors }: Draft, name: string): TensorType {
  return tensors.get(name) ?? { dtype: 'float32', shape: null };
}

function setScale(draft: Draft, { scale: { scale, zeroPoint } }: Pair): void {
  setConstant(draft, newConstant({ ...offsetScale, name: scale }));
  setConstant(draft, newConstant({ ...offsetZeroPoint, name: zeroPoint }));
}

interface PairNode {
  readonly id: string;
  readonly operator: string;
  readonly input: string;
  readonly output: string;
}

function pairNode(
  draft: Draft,
  { id, operator, input, output }: PairNode,
  { name, scale: { scale, zeroPoint } }: Pair,
  like: Node | undefined,
): Node {
  return madeNode(draft, like, {
    id,
    name: `${name}_${operator}`,
    operator,
    domain: '',
    inputs: [input, scale, zeroPoint],
    outputs: [output],
    attributes: noAttributes,
  });
}
