/** AttributeProto. */
import type { Attribute, Graph, Initializer } from '../../ir/graph.ts';
import {
  appendFloats,
  appendIntegers,
  fields,
  floatOf,
  integerOf,
  keep,
  nameOf,
  textOf,
  type Field,
  type Message,
} from '../protobuf.ts';
import { readType } from './type.ts';

/** The fields of one attribute as they stand in the file; `type` says which of them counts. */
export interface AttributeDraft {
  name: string;
  reference: string;
  type: number;
  float: number;
  int: number;
  string: string;
  /** Lists come into being with their first element: hostile files hold millions of empty attributes. */
  floats?: number[];
  ints?: number[];
  strings?: string[];
  /** Messages by field number. */
  messages?: Map<number, Message[]>;
}

/** How the messages inside of an attribute are read. `place`: the attribute's name, in a list with `.0`, `.1` … behind. */
export interface AttributeParts {
  readonly tensor: (message: Message, place: string) => Initializer;
  readonly sparseTensor: (message: Message, place: string) => Initializer;
  readonly graph: (message: Message, place: string) => Graph;
}

/** Field numbers of AttributeProto that hold messages. */
const messageFields = {
  tensor: 5,
  graph: 6,
  tensors: 10,
  graphs: 11,
  typeProto: 14,
  sparseTensor: 22,
  sparseTensors: 23,
} as const;

const messageFieldNumbers: ReadonlySet<number> = new Set(Object.values(messageFields));

type Convert = (draft: AttributeDraft, parts: AttributeParts) => Attribute | undefined;

/** By AttributeProto.AttributeType. Lists of types (14) occur in no operator and are left out. */
const conversions: ReadonlyMap<number, Convert> = new Map<number, Convert>([
  [1, ({ float }) => ({ kind: 'float', value: float })],
  [2, ({ int }) => ({ kind: 'int', value: int })],
  [3, ({ string }) => ({ kind: 'string', value: string })],
  [
    4,
    (draft, { tensor }) =>
      single(draft, messageFields.tensor, (each) => ({ kind: 'tensor', value: tensor(each, draft.name) })),
  ],
  [
    5,
    (draft, { graph }) =>
      single(draft, messageFields.graph, (each) => ({ kind: 'graph', value: graph(each, draft.name) })),
  ],
  [6, ({ floats = [] }) => ({ kind: 'floats', values: floats })],
  [7, ({ ints = [] }) => ({ kind: 'ints', values: ints })],
  [8, ({ strings = [] }) => ({ kind: 'strings', values: strings })],
  [9, (draft, { tensor }) => ({ kind: 'tensors', values: list(draft, messageFields.tensors, tensor) })],
  [10, (draft, { graph }) => ({ kind: 'graphs', values: list(draft, messageFields.graphs, graph) })],
  [
    11,
    (draft, { sparseTensor }) =>
      single(draft, messageFields.sparseTensor, (each) => ({ kind: 'tensor', value: sparseTensor(each, draft.name) })),
  ],
  [
    12,
    (draft, { sparseTensor }) => ({ kind: 'tensors', values: list(draft, messageFields.sparseTensors, sparseTensor) }),
  ],
  [13, (draft) => single(draft, messageFields.typeProto, (each) => ({ kind: 'type', value: readType(each) }))],
]);

/** Undefined for an attribute without a value, which is as good as absent. */
export function convertAttribute(draft: AttributeDraft, parts: AttributeParts): Attribute | undefined {
  if (draft.reference !== '') return { kind: 'reference', name: draft.reference };
  return conversions.get(draft.type)?.(draft, parts);
}

export function readAttributeDraft(message: Message): AttributeDraft {
  const draft: AttributeDraft = { name: '', reference: '', type: 0, float: 0, int: 0, string: '' };
  let impliedType = 0;
  for (const field of fields(message)) {
    if (messageFieldNumbers.has(field.number)) keepMessage((draft.messages ??= new Map()), field);
    else readPlainField(draft, field);
    impliedType = typeByField.get(field.number) ?? impliedType;
  }
  if (draft.type === 0) draft.type = impliedType;
  // A list that grew has room for sixteen more.
  if (draft.ints !== undefined) draft.ints = draft.ints.slice();
  if (draft.floats !== undefined) draft.floats = draft.floats.slice();
  return draft;
}

/** Before IR 2 no attribute said its type: the field that is set tells. */
const typeByField: ReadonlyMap<number, number> = new Map([
  [2, 1],
  [3, 2],
  [4, 3],
  [5, 4],
  [6, 5],
  [7, 6],
  [8, 7],
  [9, 8],
  [10, 9],
  [11, 10],
]);

function readPlainField(draft: AttributeDraft, field: Field): void {
  switch (field.number) {
    case 1:
      draft.name = nameOf(field);
      break;
    case 2:
      draft.float = floatOf(field);
      break;
    case 3:
      draft.int = integerOf(field);
      break;
    case 4:
      draft.string = textOf(field);
      break;
    case 7:
      appendFloats(field, (draft.floats ??= []));
      break;
    case 8:
      appendIntegers(field, (draft.ints ??= []));
      break;
    case 9:
      keep(field.wire, (draft.strings ??= []), textOf(field));
      break;
    case 20:
      draft.type = integerOf(field);
      break;
    case 21:
      draft.reference = nameOf(field);
  }
}

function keepMessage(messages: Map<number, Message[]>, field: Field): void {
  const list = messages.get(field.number) ?? [];
  messages.set(field.number, list);
  keep(field.wire, list, field);
}

function single(
  { messages }: AttributeDraft,
  number: number,
  convert: (message: Message) => Attribute,
): Attribute | undefined {
  const message = messages?.get(number)?.at(-1);
  return message && convert(message);
}

function list<Part>(
  { name, messages }: AttributeDraft,
  number: number,
  read: (message: Message, place: string) => Part,
): readonly Part[] {
  return (messages?.get(number) ?? []).map((message, index) => read(message, `${name}.${index}`));
}
