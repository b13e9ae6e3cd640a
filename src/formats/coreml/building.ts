/** The graph that a Core ML reader puts together: nodes with ids of their own, initializers, declared types. */
import { UserError } from '../../errors.ts';
import type { DataType } from '../../ir/data-type.ts';
import type { Attribute, Graph, Initializer, Node, TensorType } from '../../ir/graph.ts';
import type { ExternalFiles } from '../onnx/external-data.ts';
import { claimNodeId, type NodeIds } from '../onnx/node-ids.ts';
import { orderNodes } from '../onnx/scope.ts';

/** More nodes than any real model has; the same bound as for ONNX. */
const maximumNodes = 100_000;

/** Of ai.onnx: the newest whose operators still take axes, pads and shapes as attributes where the entries read both. */
const operatorVersion = 20;

const noMetadata: ReadonlyMap<string, string> = new Map<string, string>();

/** What the reading of one model carries along. */
export interface Reading {
  readonly files: ExternalFiles;
  /** The file that is read, as `ByteRange.file` names it. */
  readonly file: string;
  readonly ids: NodeIds;
  readonly warnings: string[];
  /** Starts the ids of all nodes: the parts of a pipeline that lead here. */
  readonly prefix: string;
}

/** A graph, or the body of a node, while it is put together. */
export interface Draft {
  readonly reading: Reading;
  /** Starts the ids of its nodes: that of the node whose body it is. */
  readonly prefix: string;
  readonly nodes: Node[];
  readonly initializers: Map<string, Initializer>;
  readonly tensors: Map<string, TensorType>;
}

export function openDraft(reading: Reading, prefix = reading.prefix): Draft {
  return { reading, prefix, nodes: [], initializers: new Map(), tensors: new Map() };
}

/** @throws UserError when a tensor is defined twice, or nodes need one another in a circle. */
export function closeDraft(draft: Draft, inputs: readonly string[], outputs: readonly string[]): Graph {
  const { initializers, tensors, reading } = draft;
  const nodes = orderNodes({ inputs, initializers, nodes: draft.nodes }, reading.files.path);
  return { name: '', inputs, outputs, nodes, initializers, tensors, values: new Map() };
}

/** Integers and lists of them as they are; a float needs a wrapper, since 1 may be either. */
export type AttributeInput =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly graph: Graph }
  | { readonly tensor: Initializer }
  | { readonly dtype: DataType };

export interface NodeInput {
  /** `Conv`, or with its domain: `com.microsoft.FusedMatMul`. */
  readonly operator: string;
  /** What its id is made of. */
  readonly id: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeInput | undefined>>;
}

/** @throws UserError for one node too many. */
export function addNode(draft: Draft, { operator, id, name, inputs, outputs, attributes }: NodeInput): void {
  const { ids, files } = draft.reading;
  if (ids.taken.size >= maximumNodes) {
    throw new UserError(`${files.path}: more than ${maximumNodes} nodes; such a model is not read`);
  }
  const dot = operator.lastIndexOf('.');
  const claimed = claimNodeId(draft.prefix + id, ids);
  draft.nodes.push({
    id: claimed,
    name,
    operator: operator.slice(dot + 1),
    domain: operator.slice(0, Math.max(0, dot)),
    version: operatorVersion,
    inputs: withoutAbsentEnd(inputs),
    outputs,
    attributes: attributesOf(attributes ?? {}),
    sources: [claimed],
    repetitions: 1,
    metadata: noMetadata,
  });
}

function withoutAbsentEnd(names: readonly string[]): readonly string[] {
  return names.slice(0, names.findLastIndex((name) => name !== '') + 1);
}

function attributesOf(inputs: Readonly<Record<string, AttributeInput | undefined>>): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const [name, input] of Object.entries(inputs)) {
    if (input !== undefined) attributes.set(name, attributeOf(input));
  }
  return attributes;
}

function attributeOf(input: AttributeInput): Attribute {
  if (typeof input === 'number') return { kind: 'int', value: input };
  if (typeof input === 'string') return { kind: 'string', value: input };
  if (isList(input)) {
    return isTexts(input) ? { kind: 'strings', values: input } : { kind: 'ints', values: input };
  }
  if ('float' in input) return { kind: 'float', value: input.float };
  if ('floats' in input) return { kind: 'floats', values: input.floats };
  if ('graph' in input) return { kind: 'graph', value: input.graph };
  if ('tensor' in input) return { kind: 'tensor', value: input.tensor };
  return { kind: 'type', value: { dtype: input.dtype, shape: null } };
}

function isList(input: AttributeInput): input is readonly number[] | readonly string[] {
  return Array.isArray(input);
}

function isTexts(list: readonly number[] | readonly string[]): list is readonly string[] {
  return typeof list[0] === 'string';
}

/** A tensor of numbers that the file says elsewhere, in another form: it takes no bytes of its own. */
export function addNumbers(
  draft: Draft,
  name: string,
  {
    dtype,
    shape,
    elements,
  }: { readonly dtype: DataType; readonly shape: readonly number[]; readonly elements: readonly number[] },
): string {
  draft.initializers.set(name, {
    ...heldNumbers(name, dtype, shape),
    value: { dtype, shape, elements },
  });
  return name;
}

function heldNumbers(name: string, dtype: DataType, shape: readonly number[]): Initializer {
  return { name, dtype, shape, encoding: 'raw', ranges: [], fileBytes: 0, available: false, foldedFrom: [] };
}
