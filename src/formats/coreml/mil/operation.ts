/** One operation of an ML Program, as the tables of its translation see it. */
import type { Initializer } from '../../../ir/graph.ts';
import { quote, type Message } from '../../protobuf.ts';
import { UserError } from '../../../errors.ts';
import type { Draft } from '../building.ts';
import type { Emitter } from '../emission.ts';
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

export interface Operation extends Emitter {
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
    if (constant?.tensor !== undefined) draft.initializers.set(name, constant.tensor);
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
  return type?.shape?.every((size) => size !== null) === true ? type.shape : undefined;
}

export function rankOf(operation: Operation, parameter: string): number | undefined {
  return typeOf(operation, parameter)?.shape?.length;
}

/** The elements of a constant parameter; undefined where it is not given or computed. */
export function numbers(operation: Operation, parameter: string): readonly number[] | undefined {
  const elements = initializerOf(operation, parameter)?.value?.elements;
  return elements?.every((element) => typeof element === 'number') === true ? elements : undefined;
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
