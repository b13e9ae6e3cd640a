/** Subgraphs as graphs: the main one, bodies of branches and loops, and those that are called in place. */
import { UserError } from '../../errors.ts';
import { unnamedSymbol, isUnknown } from '../../ir/dimension.ts';
import type { Attribute, Graph, Initializer, Node, TensorType } from '../../ir/graph.ts';
import { numericShape } from '../../operators/type.ts';
import { elementCount } from '../dense.ts';
import { elementTable, numberField, numbersField, tableField, type Table } from '../flatbuffer.ts';
import { claim } from '../onnx/node-ids.ts';
import { checkDefined, orderNodes } from '../onnx/scope.ts';
import { controlTranslations } from './control.ts';
import { elementwiseTranslations } from './elementwise.ts';
import { imageTranslations } from './image.ts';
import { movementTranslations } from './movement.ts';
import { own, type FileOperator, type NodeDraft, type Translate } from './operator.ts';
import { recurrentTranslations } from './recurrent.ts';
import { operatorFields } from './schema.ts';
import { otherTranslations } from './stablehlo.ts';
import { maximumNodes, readSubgraph, type GraphReading, type Subgraph } from './subgraph.ts';
import type { FileTensor } from './tensor.ts';

/** Subgraphs inside of subgraphs. */
const maximumDepth = 16;

const customCode = 32;

/** `version` of nodes: the opset whose meaning the translations have. */
const opset = 18;

const translations: ReadonlyMap<number, Translate> = new Map([
  ...imageTranslations,
  ...elementwiseTranslations,
  ...movementTranslations,
  ...recurrentTranslations,
  ...controlTranslations,
  ...otherTranslations,
]);

/** Codes of builtin operators that are translated, for the tests. */
export const translatedCodes: ReadonlySet<number> = new Set(translations.keys());

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
  return { ...graph, tensors, quantization: reading.quantization };
}

/** Open dimensions of an input may be given values. */
function bindable(name: string, type: TensorType | undefined): TensorType {
  if (type?.shape === undefined || type.shape === null) return { dtype: type?.dtype ?? null, shape: [] };
  return { ...type, shape: type.shape.map((size, axis) => (isUnknown(size) ? unnamedSymbol(name, axis) : size)) };
}

/** A graph that grows as its operators are translated. */
interface Draft {
  readonly subgraph: Subgraph;
  readonly use: Use;
  readonly reading: GraphReading;
  readonly nodes: Node[];
  readonly initializers: Map<string, Initializer>;
  readonly tensors: Map<string, TensorType>;
}

function buildGraph(index: number, use: Use, reading: GraphReading): Graph {
  const draft: Draft = {
    subgraph: readSubgraph(index, reading),
    use,
    reading,
    nodes: [],
    initializers: new Map(),
    tensors: new Map(),
  };
  const { subgraph, initializers, tensors } = draft;
  const inputs = subgraph.inputs.filter((at) => !use.given.has(at)).map((at) => define(at, draft));
  for (let at = 0; at < (subgraph.operators?.length ?? 0); at += 1) {
    translate(elementTable(reading.flat, subgraph.operators!, at), draft);
  }
  const outputs = subgraph.outputs.map((at) => read(at, draft));
  addMissing(draft, inputs, outputs);
  const nodes = orderNodes({ inputs, initializers, nodes: draft.nodes }, reading.files.path);
  const conventions = { channelsLast: true, typesDeclared: true } as const;
  return { name: subgraph.name, inputs, outputs, nodes, initializers, tensors, values: new Map(), ...conventions };
}

function tensorAt(at: number, { subgraph, reading }: Draft): FileTensor {
  const tensor = subgraph.tensors[at];
  if (tensor === undefined) throw new UserError(`${reading.files.path}: tensor ${at} of a subgraph is not there`);
  return tensor;
}

/** The name of a tensor that is made here, whose type is noted. */
function define(at: number, draft: Draft): string {
  const { name, type } = tensorAt(at, draft);
  const given = draft.use.given.get(at) ?? draft.use.tensorPrefix + name;
  draft.tensors.set(given, type);
  return given;
}

/** The name of a tensor that is read: empty for an absent one and for the variables of recurrent layers. */
function read(at: number, draft: Draft): string {
  if (at < 0) return '';
  const { name, initializer, isVariable } = tensorAt(at, draft);
  const given = draft.use.given.get(at);
  if (given !== undefined) return given;
  if (initializer !== undefined) {
    draft.initializers.set(name, initializer);
    return name;
  }
  return isVariable ? '' : draft.use.tensorPrefix + name;
}

/** What is read and comes from nowhere is a constant without its bytes: empty ones, and those of a stripped file. */
function addMissing(draft: Draft, inputs: readonly string[], outputs: readonly string[]): void {
  const { nodes, initializers, use, reading } = draft;
  const defined = new Set([
    ...inputs,
    ...initializers.keys(),
    ...use.given.values(),
    ...nodes.flatMap((n) => n.outputs),
  ]);
  const byName = new Map(draft.subgraph.tensors.map((tensor) => [use.tensorPrefix + tensor.name, tensor]));
  for (const name of new Set([...nodes.flatMap((node) => node.inputs), ...outputs])) {
    const tensor = defined.has(name) ? undefined : byName.get(name);
    const shape = tensor?.type.dtype && numericShape(tensor.type.shape);
    if (tensor?.type.dtype && shape) {
      const available = elementCount(shape) === 0;
      const { dtype } = tensor.type;
      const missing = { name, dtype, shape, encoding: 'raw', ranges: [], fileBytes: 0, available } as const;
      initializers.set(name, missing);
      if (!available) reading.withoutData.set(name, missing);
    }
  }
}

function translate(table: Table, draft: Draft): void {
  const { reading } = draft;
  const number = numberField(table, operatorFields.code, 'uint32');
  const entry = reading.codes[number];
  if (entry === undefined) throw new UserError(`${reading.files.path}: operator code ${number} is not there`);
  const outputs = numbersField(table, operatorFields.outputs, 'int32').filter((at) => at >= 0);
  const names = outputs.map((at) => define(at, draft));
  const id = claim(draft.use.prefix + (names[0] ?? `operator${draft.nodes.length}`), reading.nodeIds);
  const inputs = numbersField(table, operatorFields.inputs, 'int32');
  const operator: FileOperator = {
    ...entry,
    inputs: inputs.map((at) => read(at, draft)),
    outputs: names,
    inputTypes: inputs.map((at) => (at < 0 ? undefined : tensorAt(at, draft).type)),
    outputTypes: outputs.map((at) => tensorAt(at, draft).type),
    values: inputs.map((at) => (at < 0 ? undefined : tensorAt(at, draft).initializer?.value)),
    options: tableField(table, operatorFields.options) ?? tableField(table, operatorFields.options2),
    ...building(id, draft),
  };
  for (const node of (translations.get(entry.code) ?? unknownOperator)(operator)) addNode(node, id, draft);
}

const unknownOperator: Translate = (operator) => {
  const isCustom = operator.code === customCode;
  const name = isCustom ? operator.customName || 'unnamed' : `BUILTIN_${operator.code}`;
  const [node] = own(name)(operator);
  return [isCustom ? { ...node!, domain: 'custom' } : node!];
};

/** What a translation may ask of the graph around its operator. */
function building(id: string, draft: Draft): Pick<FileOperator, 'inner' | 'body' | 'inline' | 'warn'> {
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
      const name = claim(`${id}/${suffix}`, reading.tensorNames);
      if (type !== undefined) tensors.set(name, type);
      return name;
    },
    body: (subgraph, attribute, captured = []) => {
      const stack = enter(subgraph);
      return buildGraph(
        subgraph,
        { prefix: `${id}/${attribute}/`, given: given(subgraph, captured), tensorPrefix: '', stack },
        reading,
      );
    },
    inline: (subgraph, inputs, outputs) => {
      const stack = enter(subgraph);
      const names = given(subgraph, inputs);
      const inner = buildGraph(subgraph, { prefix: `${id}/`, given: names, tensorPrefix: `${id}/`, stack }, reading);
      return placed(inner, outputs, draft);
    },
    warn: (text) => reading.warnings.add(text),
  };
}

/** The nodes of a called subgraph, and a copy of each result under the caller's name for it. */
function placed(inner: Graph, outputs: readonly string[], { nodes, initializers, tensors }: Draft): NodeDraft[] {
  for (const [name, type] of inner.tensors) if (!tensors.has(name)) tensors.set(name, type);
  for (const [name, initializer] of inner.initializers) initializers.set(name, initializer);
  nodes.push(...inner.nodes);
  return outputs.map((output, position) => ({
    operator: 'Identity',
    inputs: [inner.outputs[position] ?? ''],
    outputs: [output],
    ...(position > 0 && { beside: true as const }),
  }));
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

function addNode(node: NodeDraft, operatorId: string, { nodes, reading }: Draft): void {
  reading.nodes += 1;
  if (reading.nodes > maximumNodes) {
    throw new UserError(`${reading.files.path}: more than ${maximumNodes} nodes; such a model is not read`);
  }
  const id = node.beside === true ? claim(`${operatorId}/${node.operator}`, reading.nodeIds) : operatorId;
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
