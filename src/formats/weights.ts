/** What the weights' bytes tell: digests by which layers are recognised, and the numbers themselves. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ModelSources } from '../ir/byte-source.ts';
import { bitsPerElement } from '../ir/data-type.ts';
import type { Attribute, Graph, Initializer, Model, Node } from '../ir/graph.ts';
import { denseChunks } from './dense.ts';
import { bitsAt, elementsIn } from './elements.ts';
import { viewOf } from './protobuf.ts';

export { elementChunks, readElements } from './values.ts';

/** How a tensor is recognised whose name has changed. */
export interface WeightFingerprint {
  /** SHA-256 over type, shape and elements; the same however the file stores them. */
  readonly digest: string;
  /** The same for the same elements in any order and shape, as a transpose leaves them. Not collision-proof. */
  readonly orderFree: string;
}

/**
 * Reads each tensor's bytes once. By name: of tensors with one name (in different branches) the first counts.
 * Tensors whose bytes are not there are missing.
 * @throws UserError when the file does not hold what a shape asks for.
 */
export function weightFingerprints(
  initializers: Iterable<Initializer>,
  sources: ModelSources,
): ReadonlyMap<string, WeightFingerprint> {
  const fingerprints = new Map<string, WeightFingerprint>();
  for (const initializer of initializers) {
    if (!initializer.available || fingerprints.has(initializer.name)) continue;
    fingerprints.set(initializer.name, fingerprint(initializer, sources));
  }
  return fingerprints;
}

/** The digests of all the model's tensors by name; see `weightFingerprints`. */
export function weightDigests(model: Model, sources: ModelSources): ReadonlyMap<string, string> {
  const fingerprints = weightFingerprints(modelInitializers(model), sources);
  return new Map([...fingerprints].map(([name, { digest }]) => [name, digest]));
}

/** Every tensor that the file stores: initializers and tensors in attributes, of bodies and functions too. */
export function* modelInitializers(model: Model): Generator<Initializer, void, undefined> {
  yield* graphInitializers(model.graph);
  for (const definition of model.functions) yield* nodeInitializers(definition.nodes);
}

function* graphInitializers(graph: Graph): Generator<Initializer, void, undefined> {
  yield* graph.initializers.values();
  yield* nodeInitializers(graph.nodes);
}

function* nodeInitializers(nodes: readonly Node[]): Generator<Initializer, void, undefined> {
  for (const node of nodes) {
    for (const attribute of node.attributes.values()) yield* attributeInitializers(attribute);
  }
}

function* attributeInitializers(attribute: Attribute): Generator<Initializer, void, undefined> {
  if (attribute.kind === 'tensor') yield attribute.value;
  else if (attribute.kind === 'tensors') yield* attribute.values;
  else if (attribute.kind === 'graph') yield* graphInitializers(attribute.value);
  else if (attribute.kind === 'graphs') for (const graph of attribute.values) yield* graphInitializers(graph);
}

function fingerprint(initializer: Initializer, sources: ModelSources): WeightFingerprint {
  const { dtype, shape, indices } = initializer;
  const hash = sha256.create();
  hash.update(new TextEncoder().encode(`${indices ? 'sparse ' : ''}${dtype}[${shape.join(',')}]`));
  const sums = new Int32Array(2);
  let byteLength = 0;
  for (const chunk of denseChunks(initializer, sources)) {
    hash.update(chunk);
    addElements(sums, chunk, bitsPerElement(dtype));
    byteLength += chunk.length;
  }
  if (indices) for (const chunk of denseChunks(indices, sources)) hash.update(chunk);
  const orderFree = `${dtype}:${byteLength}:${bytesToHex(new Uint8Array(sums.buffer))}`;
  return { digest: bytesToHex(hash.digest()), orderFree };
}

/**
 * Adds a scrambled form of each element's bits to two sums, which no order of the elements can change (a sum of the
 * floats themselves would differ by rounding). Elements wider than 32 bits count word by word, strings byte by byte.
 */
function addElements(sums: Int32Array, chunk: Uint8Array, bits: number): void {
  let [first, second] = [sums[0]!, sums[1]!];
  for (const word of wordsOf(chunk, bits)) {
    // The finalizer of MurmurHash3 for 32 bits, and a second product for the second sum.
    let mixed = word ^ 0x9e3779b9;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    first = (first + mixed) | 0;
    second = (second + Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)) | 0;
  }
  sums[0] = first;
  sums[1] = second;
}

function wordsOf(chunk: Uint8Array, bits: number): Uint8Array | Uint16Array | Uint32Array {
  if (bits === 8 || bits === 0) return chunk;
  if (bits < 8) {
    const view = viewOf(chunk);
    return Uint8Array.from({ length: elementsIn(view, bits) }, (_, index) => bitsAt(view, index, bits));
  }
  const { buffer, byteOffset, byteLength } = chunk.byteOffset % 4 === 0 ? chunk : new Uint8Array(chunk);
  return bits === 16
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint32Array(buffer, byteOffset, byteLength / 4);
}
