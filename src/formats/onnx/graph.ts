/** GraphProto, NodeProto, AttributeProto and FunctionProto, which hold one another. */
import { UserError } from '../../errors.ts';
import type {
  Attribute,
  Attributes,
  FunctionDefinition,
  Graph,
  Initializer,
  Node,
  TensorType,
} from '../../ir/graph.ts';
import { fields, keep, nameOf, textOf, type Field, type Message } from '../protobuf.ts';
import { convertAttribute, readAttributeDraft, type AttributeDraft, type AttributeParts } from './attribute.ts';
import { readProperties, type ExternalFiles } from './external-data.ts';
import { readAttribute, sharedList, type KnownAttributes } from './known-attributes.ts';
import { assignIds, type NodeIds } from './node-ids.ts';
import { readOpsets, versionOf } from './opset.ts';
import { checkDefined, orderNodes } from './scope.ts';
import { readSparseTensor, readTensor } from './tensor.ts';
import { readValueInfo, type ValueInfo } from './type.ts';

/** More nodes than any real model has; each costs about a kilobyte here and ten in all later stages together. */
const maximumNodes = 100_000;

/** Most nodes lack attributes or metadata; all of them share this. */
const none: ReadonlyMap<string, never> = new Map<string, never>();

/** What the reading of one model carries along. */
export interface Reading {
  readonly files: ExternalFiles;
  /** Of the model, or of the function whose body is read. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly ids: NodeIds;
  readonly warnings: string[];
  readonly attributes: KnownAttributes;
}

interface GraphDraft {
  name: string;
  readonly nodes: Message[];
  readonly initializers: Message[];
  readonly sparseInitializers: Message[];
  readonly inputs: Message[];
  readonly outputs: Message[];
  readonly valueInfos: Message[];
  metadataBytes: number;
}

interface NodeDraft {
  name: string;
  operator: string;
  domain: string;
  overload: string;
  inputs: string[];
  outputs: string[];
  attributes: AttributeDraft[];
  /** Absent: none, as in most nodes. */
  metadata?: Message[];
  documentation?: string;
}

/** The model's own graph. */
export function readMainGraph(message: Message, reading: Reading): Graph {
  const graph = readGraph(message, reading, '');
  checkDefined(graph, reading.files.path);
  return graph;
}

/** A graph or the body of a node; `prefix` starts the ids of its nodes. */
function readGraph(message: Message, reading: Reading, prefix: string): Graph {
  const draft = readGraphDraft(message);
  const initializers = readInitializers(draft, reading);
  // A body's inputs take their shapes from the node that holds it: nobody can bind them.
  const bindable = prefix === '';
  const declared = draft.valueInfos.map((each) => readValueInfo(each, false));
  const given = draft.inputs.map((each) => readValueInfo(each, bindable));
  const made = draft.outputs.map((each) => readValueInfo(each, false));
  const all = [...declared, ...made, ...given];
  const tensors = new Map(all.map(({ name, type }): [string, TensorType] => [name, type]));
  const metadataBytes = all.reduce((sum, each) => sum + each.metadataBytes, draft.metadataBytes);
  const outputs = made.map(({ name }) => name);
  // Before IR 4 every initializer had to be listed as an input too.
  const inputs = given.map(({ name }) => name).filter((name) => !initializers.has(name));
  const nodes = orderNodes(
    { inputs, initializers, nodes: readNodes(draft.nodes, reading, prefix) },
    reading.files.path,
  );
  return {
    ...{ name: draft.name, inputs, outputs, nodes, initializers, tensors, values: new Map() },
    ...(metadataBytes === 0 ? {} : { metadataBytes }),
  };
}

function readGraphDraft(message: Message): GraphDraft {
  const draft: GraphDraft = {
    name: '',
    nodes: [],
    initializers: [],
    sparseInitializers: [],
    inputs: [],
    outputs: [],
    valueInfos: [],
    metadataBytes: 0,
  };
  const lists = new Map<number, Message[]>([
    [1, draft.nodes],
    [5, draft.initializers],
    [11, draft.inputs],
    [12, draft.outputs],
    [13, draft.valueInfos],
    [15, draft.sparseInitializers],
  ]);
  for (const field of fields(message)) {
    const list = lists.get(field.number);
    if (list) keep(field.wire, list, field);
    else if (field.number === 2) draft.name = nameOf(field);
    else if (field.number === 16) draft.metadataBytes += field.end - field.start;
  }
  return draft;
}

function readInitializers(draft: GraphDraft, { files, warnings }: Reading): ReadonlyMap<string, Initializer> {
  const initializers = new Map<string, Initializer>();
  const all = [
    ...draft.initializers.map((each) => readTensor(each, files)),
    ...draft.sparseInitializers.map((each) => readSparseTensor(each, files)),
  ];
  for (const initializer of all) initializers.set(initializer.name, initializer);
  if (initializers.size < all.length) {
    warnings.push(`initializers of a name that a later one has too, which counts: ${all.length - initializers.size}`);
  }
  return initializers;
}

function readNodes(messages: readonly Message[], reading: Reading, prefix: string): Node[] {
  if (reading.ids.taken.size + messages.length > maximumNodes) {
    throw new UserError(`${reading.files.path}: more than ${maximumNodes} nodes; such a model is not read`);
  }
  const drafts = messages.map((message) => readNodeDraft(message, reading.attributes));
  const ids = assignIds(drafts, prefix, reading.ids);
  return drafts.map((draft, index) => finishNode(draft, ids[index]!, reading));
}

function readNodeDraft(message: Message, known: KnownAttributes): NodeDraft {
  const draft: NodeDraft = {
    name: '',
    operator: '',
    domain: '',
    overload: '',
    inputs: [],
    outputs: [],
    attributes: [],
  };
  for (const field of fields(message)) {
    switch (field.number) {
      case 1:
        keep(field.wire, draft.inputs, nameOf(field));
        break;
      case 2:
        keep(field.wire, draft.outputs, nameOf(field));
        break;
      case 3:
        draft.name = nameOf(field);
        break;
      case 4:
        draft.operator = nameOf(field);
        break;
      case 5:
        keep(field.wire, draft.attributes, readAttribute(field, known));
        break;
      case 6:
        draft.documentation = documentationOf(field);
        break;
      case 7:
        draft.domain = nameOf(field);
        break;
      case 8:
        draft.overload = nameOf(field);
        break;
      case 9:
        keep(field.wire, (draft.metadata ??= []), field);
    }
  }
  // All drafts of a graph live at a time, and a list that grew has room for sixteen more.
  draft.inputs = draft.inputs.slice();
  draft.outputs = draft.outputs.slice();
  draft.attributes = draft.attributes.slice();
  return draft;
}

function finishNode(draft: NodeDraft, id: string, reading: Reading): Node {
  const { name, operator, overload, inputs, outputs } = draft;
  const domain = draft.domain === 'ai.onnx' ? '' : draft.domain;
  // The tensor of a Constant is known by what the node gives out, as an initializer in its place would be.
  const isConstant = operator === 'Constant' && domain === '';
  const tensorName = (attribute: string) => (isConstant && outputs[0] ? outputs[0] : `${id}.${attribute}`);
  return {
    id,
    name,
    operator,
    domain,
    ...(overload !== '' && { overload }),
    version: versionOf(domain, reading.opsets),
    inputs,
    outputs,
    attributes: finishAttributes(draft.attributes, reading, { tensorName, bodyPrefix: `${id}/` }),
    sources: [id],
    repetitions: 1,
    metadata: metadataOf(draft),
  };
}

/** Bytes kept of a node's doc string: exporters write stack traces there, their inner end first. */
const documentationBytes = 20_000;

/** Kept where it may be a stack trace: other documentation is read by nobody here. */
function documentationOf(field: Field): string {
  const text = textOf({ ...field, end: Math.min(field.end, field.start + documentationBytes) });
  return text.includes('.py') ? text : '';
}

function metadataOf({ metadata, documentation }: NodeDraft): ReadonlyMap<string, string> {
  if (metadata === undefined && !documentation) return none;
  const properties = readProperties(metadata ?? []);
  return documentation ? properties.set('doc_string', documentation) : properties;
}

/** How the tensors and bodies in a node's attributes are named. */
interface AttributeNames {
  readonly tensorName: (attribute: string) => string;
  readonly bodyPrefix: string;
}

function finishAttributes(drafts: readonly AttributeDraft[], reading: Reading, names: AttributeNames): Attributes {
  if (drafts.length === 0) return none;
  return sharedList(drafts, reading.attributes, () => convertAttributes(drafts, reading, names));
}

function convertAttributes(
  drafts: readonly AttributeDraft[],
  reading: Reading,
  { tensorName, bodyPrefix }: AttributeNames,
): Attributes {
  const attributes = new Map<string, Attribute>();
  const parts: AttributeParts = {
    tensor: (message, place) => readTensor(message, reading.files, tensorName(place)),
    sparseTensor: (message, place) => readSparseTensor(message, reading.files, tensorName(place)),
    graph: (message, place) => readGraph(message, reading, `${bodyPrefix}${place}/`),
  };
  for (const draft of drafts) {
    const attribute = convertAttribute(draft, parts);
    if (attribute) attributes.set(draft.name, attribute);
  }
  return attributes;
}

/**
 * A local function. Its opset imports are its own; where it has none for a domain, the model's count.
 * @throws UserError when a node reads what nothing defines.
 */
export function readFunction(message: Message, modelReading: Reading): FunctionDefinition {
  const header = { name: '', domain: '', overload: '' };
  const [inputs, outputs, attributeNames]: [string[], string[], string[]] = [[], [], []];
  const [nodes, imports]: [Field[], Field[]] = [[], []];
  const defaults: AttributeDraft[] = [];
  const tensors = new Map<string, TensorType>();
  const declare = ({ name, type }: ValueInfo) => tensors.set(name, type);
  const visit = new Map<number, (field: Field) => void>([
    [1, (field) => (header.name = nameOf(field))],
    [4, (field) => keep(field.wire, inputs, nameOf(field))],
    [5, (field) => keep(field.wire, outputs, nameOf(field))],
    [6, (field) => keep(field.wire, attributeNames, nameOf(field))],
    [7, (field) => keep(field.wire, nodes, field)],
    [9, (field) => keep(field.wire, imports, field)],
    [10, (field) => (header.domain = nameOf(field))],
    [11, (field) => keep(field.wire, defaults, readAttributeDraft(field))],
    [12, (field) => declare(readValueInfo(field, false))],
    [13, (field) => (header.overload = nameOf(field))],
  ]);
  for (const field of fields(message)) visit.get(field.number)?.(field);
  const key = [header.domain, header.name, header.overload].filter((part) => part !== '').join(':');
  const reading = { ...modelReading, opsets: new Map([...modelReading.opsets, ...readOpsets(imports)]) };
  const scope = { inputs, outputs, initializers: new Map(), nodes: readNodes(nodes, reading, `${key}/`) };
  const definition = { ...scope, nodes: orderNodes(scope, reading.files.path) };
  checkDefined(definition, reading.files.path);
  const names = { tensorName: (attribute: string) => `${key}.${attribute}`, bodyPrefix: `${key}/` };
  const attributeDefaults = finishAttributes(defaults, reading, names);
  return {
    ...header,
    inputs,
    outputs,
    attributes: attributeNames,
    attributeDefaults,
    nodes: definition.nodes,
    tensors,
  };
}
