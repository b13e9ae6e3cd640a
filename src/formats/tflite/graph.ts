/** Subgraphs as graphs: the main one, bodies of branches and loops, and those that are called in place. */
import { UserError } from '../../errors.ts';
import { unnamedSymbol, isUnknown } from '../../ir/dimension.ts';
import type { Attribute, Graph, Initializer, Node, TensorType } from '../../ir/graph.ts';
import { dynamicQuantization } from '../../operators/dynamic-quantization.ts';
import { numericShape } from '../../operators/type.ts';
import { elementCount } from '../dense.ts';
import { chargeNumbers, elementTable, numberField, numbersField, tableField, type Table } from '../flatbuffer.ts';
import { claimId, claimNodeId, nameInside } from '../onnx/node-ids.ts';
import { checkDefined, orderNodes } from '../onnx/scope.ts';
import { customIntegers } from './custom.ts';
import { isHybrid } from './hybrid.ts';
import type { FileOperator, NodeDraft } from './operator.ts';
import { operatorFields } from './schema.ts';
import { translationOf } from './translations.ts';
import { chargeCopies, maximumNodes, readSubgraph, type GraphReading, type Subgraph } from './subgraph.ts';
import type { FileTensor } from './tensor.ts';

/** Subgraphs inside of subgraphs. */
const maximumDepth = 16;

/** `version` of nodes: the opset whose meaning the translations have. */
const opset = 18;

/** How one use of a subgraph is built into the model. */
interface Use {
  /** Of the names of its nodes. */
  readonly prefix: string;
  /** Names of its tensors that are made outside, by index. */
  readonly given: ReadonlyMap<number, string>;
  /** Put in front of the names of its own tensors: where the same subgraph stands in one graph several times. */
  readonly tensorPrefix: string;
  /** The numbers of the subgraphs around it, its own included. */
  readonly stack: readonly number[];
}

/** The model's first subgraph. */
export function readMainGraph(reading: GraphReading): Graph {
  const graph = buildGraph(0, { prefix: '', given: new Map(), tensorPrefix: '', stack: [0] }, reading);
  const tensors = new Map(graph.tensors);
  for (const name of graph.inputs) tensors.set(name, bindable(name, tensors.get(name)));
  checkDefined(graph, reading.files.path);
  const { quantization, states } = reading;
  return { ...graph, tensors, quantization, ...(states.size > 0 && { states }) };
}

/** Open dimensions of an input may be given values. */
function bindable(name: string, type: TensorType | undefined): TensorType {
  if (type?.shape === undefined || type.shape === null) return { dtype: type?.dtype ?? null, shape: [] };
  return { ...type, shape: type.shape.map((size, axis) => (isUnknown(size) ? unnamedSymbol(name, axis) : size)) };
}

/** A graph that grows as operators are translated, of one subgraph and of those that are called in place. */
interface Growing {
  readonly nodes: Node[];
  readonly initializers: Map<string, Initializer>;
  readonly tensors: Map<string, TensorType>;
  /** What operators read of what is neither given nor constant. */
  readonly reads: Map<string, TensorType>;
}

interface Draft extends Growing {
  readonly subgraph: Subgraph;
  /** Of its own tensors, by index. */
  readonly names: Map<number, string>;
  /** The file holds what is built here once, and it was built before. */
  readonly isCopy: boolean;
  readonly use: Use;
  readonly reading: GraphReading;
}

function buildGraph(index: number, use: Use, reading: GraphReading): Graph {
  const growing: Growing = { nodes: [], initializers: new Map(), tensors: new Map(), reads: new Map() };
  const { initializers, tensors } = growing;
  const { name, inputs, outputs } = growBy(index, use, reading, growing);
  addMissing(growing, inputs, reading);
  const nodes = orderNodes({ inputs, initializers, nodes: growing.nodes }, reading.files.path);
  const conventions = { channelsLast: true, typesDeclared: true } as const;
  return { name, inputs, outputs, nodes, initializers, tensors, values: new Map(), ...conventions };
}

/** Translates the operators of a subgraph into a graph. */
function growBy(
  index: number,
  use: Use,
  reading: GraphReading,
  growing: Growing,
): Pick<Graph, 'name' | 'inputs' | 'outputs'> {
  const subgraph = readSubgraph(index, reading);
  // A subgraph may be used many times over.
  chargeNumbers(reading.flat, subgraph.inputs.length + subgraph.outputs.length);
  const isCopy = reading.built.has(index);
  reading.built.add(index);
  const draft: Draft = { ...growing, subgraph, use, reading, names: new Map(), isCopy };
  const inputs = subgraph.inputs.filter((at) => !use.given.has(at)).map((at) => define(at, draft));
  for (let at = 0; at < (subgraph.operators?.length ?? 0); at += 1) {
    const before = growing.nodes.length;
    translate(elementTable(reading.flat, subgraph.operators!, at), draft);
    const place = { subgraph: subgraph.name, subgraphNumber: subgraph.number, index: at };
    for (const { id } of growing.nodes.slice(before)) reading.places.set(id, place);
  }
  return { name: subgraph.name, inputs, outputs: subgraph.outputs.map((at) => read(at, draft)) };
}

function tensorAt(at: number, { subgraph, reading }: Draft): FileTensor {
  const tensor = subgraph.tensors[at];
  if (tensor === undefined) throw new UserError(`${reading.files.path}: tensor ${at} of a subgraph is not there`);
  return tensor;
}

/** The name of a tensor that is made here, whose type is noted. */
function define(at: number, draft: Draft): string {
  const { type } = tensorAt(at, draft);
  const name = draft.use.given.get(at) ?? ownName(at, draft);
  draft.tensors.set(name, type);
  return name;
}

/** The name of a tensor of this subgraph as it is used here. */
function ownName(at: number, draft: Draft): string {
  const { use, reading, names } = draft;
  const { name } = tensorAt(at, draft);
  if (use.tensorPrefix === '') return name;
  const known = names.get(at);
  if (known !== undefined) return known;
  const own = use.tensorPrefix + name;
  chargeCopies(reading, 0, own.length);
  names.set(at, own);
  return own;
}

/** The name of a tensor that is read: empty for an absent one and for the variables of recurrent layers. */
function read(at: number, draft: Draft): string {
  if (at < 0) return '';
  const { name, type, initializer, isVariable } = tensorAt(at, draft);
  const given = draft.use.given.get(at);
  if (given !== undefined) return given;
  if (initializer !== undefined) {
    draft.initializers.set(name, initializer);
    return name;
  }
  if (isVariable) {
    draft.reading.states.set(name, type);
    return '';
  }
  const own = ownName(at, draft);
  draft.reads.set(own, type);
  return own;
}

/** What is read and comes from nowhere is a constant without its bytes: empty ones, and those of a stripped file. */
function addMissing(
  { nodes, initializers, reads }: Growing,
  inputs: readonly string[],
  { withoutData }: GraphReading,
): void {
  const defined = new Set([...inputs, ...nodes.flatMap((node) => node.outputs)]);
  for (const [name, { dtype, shape }] of reads) {
    const sizes = numericShape(shape);
    if (defined.has(name) || dtype === null || sizes === undefined) continue;
    const available = elementCount(sizes) === 0;
    const missing = { name, dtype, shape: sizes, encoding: 'raw', ranges: [], fileBytes: 0, available } as const;
    initializers.set(name, missing);
    if (!available) withoutData.set(name, missing);
  }
}

const longestTensorName = 2000;

function translate(table: Table, draft: Draft): void {
  const { reading } = draft;
  const number = numberField(table, operatorFields.code, 'uint32');
  const entry = reading.codes[number];
  if (entry === undefined) throw new UserError(`${reading.files.path}: operator code ${number} is not there`);
  const outputs = numbersField(table, operatorFields.outputs, 'int32').filter((at) => at >= 0);
  const names = outputs.map((at) => define(at, draft));
  const [first] = outputs;
  const named = first === undefined ? `operator${draft.nodes.length}` : tensorAt(first, draft).name;
  // A layer is called as runtimes and compilers call it: by the whole name of its output, which exporters make long.
  const longest = draft.use.prefix === '' ? longestTensorName : undefined;
  const id = claimNodeId(draft.use.prefix + named, reading.nodeIds, longest);
  const inputs = numbersField(table, operatorFields.inputs, 'int32');
  const operator: FileOperator = {
    ...entry,
    inputs: inputs.map((at) => read(at, draft)),
    outputs: names,
    inputTypes: inputs.map((at) => (at < 0 ? undefined : tensorAt(at, draft).type)),
    outputTypes: outputs.map((at) => tensorAt(at, draft).type),
    values: inputs.map((at) => (at < 0 ? undefined : tensorAt(at, draft).initializer?.value)),
    options: tableField(table, operatorFields.options) ?? tableField(table, operatorFields.options2),
    customIntegers: customIntegers(table),
    ...building(id, draft),
  };
  const marks = isHybrid(operator) ? dynamicQuantization : {};
  for (const node of translationOf(entry)(operator)) {
    addNode(node.beside === true ? node : { ...node, attributes: { ...node.attributes, ...marks } }, id, draft);
  }
}

/** What a translation may ask of the graph around its operator. */
function building(
  id: string,
  draft: Draft,
): Pick<FileOperator, 'inner' | 'body' | 'inline' | 'warn' | 'nameVariable' | 'keepVariable' | 'alone'> {
  const { reading, use, tensors } = draft;
  const enter = (subgraph: number): readonly number[] => {
    if (use.stack.includes(subgraph)) throw new UserError(`${reading.files.path}: subgraph ${subgraph} runs itself`);
    if (use.stack.length >= maximumDepth) throw new UserError(`${reading.files.path}: subgraphs are nested too deep`);
    return [...use.stack, subgraph];
  };
  const given = (subgraph: number, names: readonly string[]) =>
    new Map(
      readSubgraph(subgraph, reading).inputs.flatMap((at, position) => {
        const name = names[position];
        return name === undefined ? [] : [[at, name] as const];
      }),
    );
  return {
    inner: (suffix, type) => {
      const name = claimId(`${id}/${suffix}`, reading.tensorNames);
      if (type !== undefined) tensors.set(name, type);
      return name;
    },
    body: (subgraph, attribute, captured = []) => {
      const stack = enter(subgraph);
      return buildGraph(
        subgraph,
        {
          prefix: `${nameInside(id, reading.nodeIds)}/${attribute}/`,
          given: given(subgraph, captured),
          tensorPrefix: '',
          stack,
        },
        reading,
      );
    },
    inline: (subgraph, inputs, outputs) => {
      const stack = enter(subgraph);
      const prefix = `${nameInside(id, reading.nodeIds)}/`;
      const inner = { prefix, given: given(subgraph, inputs), tensorPrefix: prefix, stack };
      return copies(growBy(subgraph, inner, reading, draft).outputs, outputs);
    },
    warn: (text) => reading.warnings.add(text),
    nameVariable: (handle, name) => reading.handles.set(handle, name),
    keepVariable: (handle, type) => {
      const name = reading.handles.get(handle);
      if (name !== undefined && type !== undefined) reading.states.set(`variable ${name}`, type);
    },
    alone: (node, attribute) => {
      const inner = { nodes: [], initializers: new Map(), tensors: new Map(), reads: new Map() };
      addNode(node, claimId(`${id}/${attribute}`, reading.nodeIds), { ...draft, ...inner });
      const conventions = { channelsLast: true, typesDeclared: true } as const;
      return { name: '', inputs: [], outputs: node.outputs, ...inner, values: new Map(), ...conventions };
    },
  };
}

/** The results of a called subgraph under the caller's names for them. */
function copies(results: readonly string[], outputs: readonly string[]): NodeDraft[] {
  return outputs.map((output, position) => ({
    operator: 'Identity',
    inputs: [results[position] ?? ''],
    outputs: [output],
    ...(position > 0 && { beside: true as const }),
  }));
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

function addNode(node: NodeDraft, operatorId: string, { nodes, reading, isCopy }: Draft): void {
  reading.nodes += 1;
  if (isCopy) chargeCopies(reading, 1, 0);
  if (reading.nodes > maximumNodes) {
    throw new UserError(`${reading.files.path}: more than ${maximumNodes} nodes; such a model is not read`);
  }
  const id = node.beside === true ? claimNodeId(`${operatorId}/${node.operator}`, reading.nodeIds) : operatorId;
  const attributes = Object.entries(node.attributes ?? {});
  nodes.push({
    id,
    name: id,
    operator: node.operator,
    domain: node.domain ?? '',
    version: opset,
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: attributes.length === 0 ? none : new Map<string, Attribute>(attributes),
    sources: [id],
    repetitions: 1,
    metadata: none,
  });
}
