/** One operation of an ML Program, as the tables of its translation see it. */
import type { DataType } from '../../../ir/data-type.ts';
import type { Initializer } from '../../../ir/graph.ts';
import { quote, type Message } from '../../protobuf.ts';
import { UserError } from '../../../errors.ts';
import { addNode, addNumbers, type AttributeInput, type Draft } from '../building.ts';
import { entriesAt, fieldsOf, messageAt, messagesAt, textAt } from '../fields.ts';
import { readType, type MilType } from './types.ts';
import { readValue, type MilConstant } from './values.ts';

/** The values that a block sees: its own and, through `outer`, those around it. */
export interface MilScope {
  readonly types: Map<string, MilType>;
  readonly constants: Map<string, MilConstant>;
  /** Names that stand for values with other names. */
  readonly aliases: Map<string, string>;
  readonly outer: MilScope | undefined;
}

export interface Binding {
  /** Of the value that is used; for a constant that stands in place, the name it gets. */
  readonly name: string;
  readonly constant: MilConstant | undefined;
  readonly type: MilType | undefined;
}

export interface Operation {
  readonly type: string;
  /** Its first output. */
  readonly name: string;
  readonly outputs: readonly { readonly name: string; readonly type: MilType }[];
  readonly blocks: readonly Message[];
  /** By parameter; a parameter may have several values. */
  readonly bindings: ReadonlyMap<string, readonly Binding[]>;
  readonly draft: Draft;
  readonly scope: MilScope;
}

export function openScope(outer: MilScope | undefined): MilScope {
  return { types: new Map(), constants: new Map(), aliases: new Map(), outer };
}

interface Found {
  readonly name: string;
  readonly constant: MilConstant | undefined;
  readonly type: MilType;
}

/** The innermost value of that name. */
function find(scope: MilScope, wanted: string): Found | undefined {
  let name = wanted;
  for (let current: MilScope | undefined = scope; current !== undefined; current = current.outer) {
    const constant = current.constants.get(name);
    const type = constant?.type ?? current.types.get(name);
    if (type !== undefined) return { name, constant, type };
    name = current.aliases.get(name) ?? name;
  }
  return undefined;
}

export function readOperation(message: Message, scope: MilScope, draft: Draft): Operation {
  const path = draft.reading.files.path;
  const fields = fieldsOf(message);
  const outputs = messagesAt(fields, 3).map((each) => {
    const output = fieldsOf(each);
    return { name: textAt(output, 1), type: readType(messageAt(output, 2), path) };
  });
  const type = textAt(fields, 1);
  const name = outputs.find((output) => output.name !== '')?.name ?? type;
  const bindings = new Map<string, readonly Binding[]>();
  // Before iOS 18 the operands of constexpr_ operations were attributes.
  for (const [key, value] of entriesAt(fields, 5)) {
    if (key !== 'name') bindings.set(key, [inPlace(value, `${name}.${key}`, draft)]);
  }
  for (const [key, value] of entriesAt(fields, 2)) {
    const list = messagesAt(fieldsOf(value), 1);
    bindings.set(
      key,
      list.map((each, index) => readBinding(each, `${name}.${key}${list.length > 1 ? index : ''}`, { scope, draft })),
    );
  }
  return { type, name, outputs, blocks: messagesAt(fields, 4), bindings, draft, scope };
}

function readBinding(
  message: Message,
  name: string,
  { scope, draft }: { readonly scope: MilScope; readonly draft: Draft },
): Binding {
  const binding = fieldsOf(message);
  const value = messageAt(binding, 2);
  if (value !== undefined) return inPlace(value, name, draft);
  const used = textAt(binding, 1);
  const found = find(scope, used);
  if (found === undefined) {
    throw new UserError(
      `${draft.reading.files.path}: ${quote(name)} reads the value ${quote(used)}, which nothing defines`,
    );
  }
  return found;
}

function inPlace(value: Message, name: string, draft: Draft): Binding {
  const constant = readValue(value, name, draft.reading);
  return { name, constant, type: constant.type };
}

/** The name of a parameter's value as a node's input; `''` where it is not given. */
export function tensor(operation: Operation, parameter: string): string {
  return tensors(operation, parameter)[0] ?? '';
}

export function tensors({ bindings, draft }: Operation, parameter: string): readonly string[] {
  const list = bindings.get(parameter) ?? [];
  for (const { name, constant } of list) {
    if (constant?.tensor !== undefined) draft.initializers.set(name, { ...constant.tensor, name });
  }
  return list.map(({ name }) => name);
}

export function initializerOf({ bindings }: Operation, parameter: string): Initializer | undefined {
  return bindings.get(parameter)?.[0]?.constant?.tensor;
}

export function typeOf({ bindings }: Operation, parameter: string): MilType | undefined {
  return bindings.get(parameter)?.[0]?.type;
}

/** Sizes of a parameter's value that the file fixes; undefined where any is open. */
export function shapeOf(operation: Operation, parameter: string): readonly number[] | undefined {
  return fixed(typeOf(operation, parameter));
}

export function outputShape({ outputs }: Operation, position = 0): readonly number[] | undefined {
  return fixed(outputs[position]?.type);
}

function fixed(type: MilType | undefined): readonly number[] | undefined {
  return type?.shape?.every((size) => size !== null) === true ? (type.shape as readonly number[]) : undefined;
}

export function rankOf(operation: Operation, parameter: string): number | undefined {
  return typeOf(operation, parameter)?.shape?.length;
}

/** The elements of a constant parameter; undefined where it is not given or computed. */
export function numbers(operation: Operation, parameter: string): readonly number[] | undefined {
  const elements = initializerOf(operation, parameter)?.value?.elements;
  return elements?.every((element) => typeof element === 'number') === true
    ? (elements as readonly number[])
    : undefined;
}

export function number(operation: Operation, parameter: string, fallback: number): number {
  return numbers(operation, parameter)?.[0] ?? fallback;
}

export function flag(operation: Operation, parameter: string, fallback = false): boolean {
  return number(operation, parameter, fallback ? 1 : 0) !== 0;
}

export function text({ bindings }: Operation, parameter: string, fallback: string): string {
  return bindings.get(parameter)?.[0]?.constant?.texts?.[0] ?? fallback;
}

export type Attributes = Readonly<Record<string, AttributeInput | undefined>>;

/** A node that stands for the operation and gives its outputs. */
export function emit(
  operation: Operation,
  operator: string,
  inputs: readonly string[],
  attributes: Attributes = {},
): void {
  const { draft, name, outputs } = operation;
  addNode(draft, {
    operator,
    id: name,
    name,
    inputs,
    outputs: outputs.map((output) => output.name),
    attributes: { ...attributes, index_type: indexType(operation) },
  });
}

/** Indices have 32 bits here, or fewer, and 64 in ONNX. */
function indexType({ outputs }: Operation): AttributeInput | undefined {
  const dtypes = outputs.map(({ type }) => type.dtype);
  const integer = dtypes.find((dtype): dtype is DataType => dtype !== null && /^u?int(16|32)$/.test(dtype));
  return integer === undefined ? undefined : { dtype: integer };
}

/**
 * A node for a part of the operation; its output's name. `''` as the part: the node that carries the operation's name,
 * while another one gives its output.
 */
export function step(
  operation: Operation,
  part: string,
  node: { readonly operator: string; readonly inputs: readonly string[]; readonly attributes?: Attributes },
): string {
  return steps(operation, part, node, [''])[0]!;
}

/** As `step` for a node of several outputs, each named by a suffix. */
export function steps(
  { draft, name }: Operation,
  part: string,
  node: { readonly operator: string; readonly inputs: readonly string[]; readonly attributes?: Attributes },
  suffixes: readonly string[],
): readonly string[] {
  const id = part === '' ? name : `${name}/${part}`;
  const outputs = suffixes.map((suffix) => `${name}/${part === '' ? 'result' : part}${suffix}`);
  addNode(draft, { ...node, id, name: id, outputs });
  return outputs;
}

/** A list of integers as an input. */
export function integers({ draft, name }: Operation, part: string, elements: readonly number[]): string {
  return addNumbers(draft, `${name}/${part}`, { dtype: 'int64', shape: [elements.length], elements });
}
