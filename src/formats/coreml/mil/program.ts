/** ML Programs (MIL.proto: Program, Function, Block): the blocks of one function as a graph. */
import { UserError } from '../../../errors.ts';
import { unnamedSymbol, type Dimension } from '../../../ir/dimension.ts';
import type { Graph } from '../../../ir/graph.ts';
import { quote, type Message } from '../../protobuf.ts';
import { closeDraft, openDraft, type Draft, type Reading } from '../building.ts';
import { entriesAt, fieldsOf, messageAt, messagesAt, textAt, textsAt, type Fields } from '../fields.ts';
import { translateOperation } from './operators/index.ts';
import type { BodyReader } from './operators/translate.ts';
import { openScope, readOperation, type MilScope } from './operation.ts';
import { declaredType, readType, type MilType } from './types.ts';
import { readValue } from './values.ts';

export interface MilProgram {
  readonly graph: Graph;
  /** `CoreML7`. */
  readonly opset: string;
}

/**
 * @param functionName the one to read where there are several; else the only one, or `main`
 * @throws UserError when there is no such function.
 */
export function readProgram(message: Message, functionName: string, reading: Reading): MilProgram {
  const functions = entriesAt(fieldsOf(message), 2);
  const name = functions.has(functionName) ? functionName : functions.size === 1 ? [...functions.keys()][0]! : 'main';
  const found = functions.get(name);
  if (found === undefined) throw new UserError(`${reading.files.path}: this ML Program has no function "main"`);
  if (functions.size > 1) {
    reading.warnings.push(`only function ${quote(name)} is looked at; the program has ${functions.size}`);
  }
  const body = fieldsOf(found);
  const opset = textAt(body, 2);
  const blocks = entriesAt(body, 3);
  const block = blocks.get(opset) ?? [...blocks.values()][0];
  if (block === undefined) throw new UserError(`${reading.files.path}: function ${quote(name)} has no block`);
  const draft = openDraft(reading);
  const scope = openScope(undefined);
  const inputs = defineInputs(messagesAt(body, 1), scope, draft);
  for (const input of inputs) makeBindable(draft, input);
  const outputs = readBlock(fieldsOf(block), scope, draft);
  return { graph: closeDraft(draft, inputs, [...outputs, ...writtenStates(draft)]), opset };
}

function defineInputs(messages: readonly Message[], scope: MilScope, draft: Draft): string[] {
  return messages.map((message) => {
    const input = fieldsOf(message);
    const name = textAt(input, 1);
    define(name, readType(messageAt(input, 2), draft.reading.files.path), scope, draft);
    return name;
  });
}

function define(name: string, type: MilType, scope: MilScope, draft: Draft): void {
  scope.types.set(name, type);
  draft.tensors.set(name, declaredType(type));
}

/** An open size of the model's own input is a symbol that the user can give a value. */
function makeBindable({ tensors }: Draft, input: string): void {
  const type = tensors.get(input);
  const shape = type?.shape?.map((size, axis): Dimension => {
    return typeof size === 'number' ? size : unnamedSymbol(input, axis);
  });
  if (type !== undefined && shape !== undefined) tensors.set(input, { ...type, shape });
}

/** Adds a block's operations to the graph; the names of its outputs. */
function readBlock(block: Fields, scope: MilScope, draft: Draft): readonly string[] {
  for (const message of messagesAt(block, 3)) readOne(message, scope, draft);
  const outputs = textsAt(block, 2);
  for (const output of outputs) addConstantOutput(output, scope, draft);
  return outputs;
}

function readOne(message: Message, scope: MilScope, draft: Draft): void {
  const fields = fieldsOf(message);
  if (textAt(fields, 1) === 'const') {
    readConstant(fields, scope, draft);
    return;
  }
  const operation = readOperation(message, scope, draft);
  translateOperation(operation, readBodies);
  for (const { name, type } of operation.outputs) define(name, type, scope, draft);
}

function readConstant(fields: Fields, scope: MilScope, draft: Draft): void {
  const output = messagesAt(fields, 3)[0];
  const value = entriesAt(fields, 5).get('val');
  if (output === undefined || value === undefined) {
    throw new UserError(`${draft.reading.files.path}: a constant without a name or a value`);
  }
  const name = textAt(fieldsOf(output), 1);
  scope.constants.set(name, readValue(value, name, draft.reading));
}

/** A block may give a constant out. */
function addConstantOutput(name: string, scope: MilScope, { initializers }: Draft): void {
  const tensor = scope.constants.get(name)?.tensor;
  if (tensor !== undefined) initializers.set(name, tensor);
}

/** What a state is at the end of a run leaves the graph, as the caches of other formats do. */
function writtenStates({ nodes }: Draft): readonly string[] {
  return nodes.flatMap(({ attributes, outputs }) => (attributes.has('written_state') ? outputs : []));
}

const readBodies: BodyReader = {
  open: (draft, prefix, outer) => ({ draft: openDraft(draft.reading, prefix), scope: openScope(outer) }),
  inputs: (block, scope, draft) => defineInputs(messagesAt(block, 1), scope, draft),
  block: readBlock,
};
