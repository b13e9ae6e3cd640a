/** Branches, loops, lists and states of MIL. */
import type { Graph } from '../../../../ir/graph.ts';
import { onnxDataType } from '../../../onnx/data-types.ts';
import { addNumbers, closeDraft } from '../../building.ts';
import { fieldsOf, messagesAt, textAt } from '../../fields.ts';
import { emit } from '../../emission.ts';
import { openScope, tensor, tensors, type Operation } from '../operation.ts';
import type { MilType } from '../types.ts';
import type { BodyReader, Table, Translate } from './translate.ts';

const other: MilType = { kind: 'other', dtype: null, shape: null };

const branches: Translate = (operation, bodies) => {
  const [taken, other] = operation.blocks.map((block, index) => {
    const branch = index === 0 ? 'then_branch' : 'else_branch';
    const { draft, scope } = bodies.open(operation.draft, idPrefix(operation, branch), operation.scope);
    return closeDraft(draft, [], bodies.block(fieldsOf(block), scope, draft));
  });
  if (taken === undefined || other === undefined) {
    emit(operation, 'coreml.cond', [tensor(operation, 'pred')]);
    return;
  }
  emit(operation, 'If', [tensor(operation, 'pred')], { then_branch: { graph: taken }, else_branch: { graph: other } });
};

function idPrefix({ draft, name }: Operation, body: string): string {
  return `${draft.prefix}${name}/${body}/`;
}

/** The condition is a block of its own here, the end of the body in ONNX; it is taken to hold at the start. */
const loop: Translate = (operation, bodies) => {
  const [condition, body] = operation.blocks;
  const variables = tensors(operation, 'loop_vars');
  if (condition === undefined || body === undefined) {
    emit(operation, 'coreml.while_loop', variables);
    return;
  }
  const graph = loopBody(operation, bodies);
  const { draft, name } = operation;
  const holds = addNumbers(draft, `${name}/condition`, { dtype: 'bool', shape: [], elements: [1] });
  emit(operation, 'Loop', ['', holds, ...variables], { body: { graph } });
};

function loopBody(operation: Operation, bodies: BodyReader): Graph {
  const [condition, body] = operation.blocks.map((block) => fieldsOf(block));
  const { draft, scope } = bodies.open(operation.draft, idPrefix(operation, 'body'), operation.scope);
  const inputs = bodies.inputs(body!, scope, draft);
  const outputs = bodies.block(body!, scope, draft);
  // The condition reads what the body has made, by the names of its own inputs.
  const test = openScope(scope);
  messagesAt(condition!, 1).forEach((input, position) => {
    test.aliases.set(textAt(fieldsOf(input), 1), outputs[position] ?? '');
  });
  const [goesOn] = bodies.block(condition!, test, draft);
  const [iteration, previous] = ['iteration', 'previous'].map((part) => `${operation.name}/${part}`);
  draft.tensors.set(iteration!, { dtype: 'int64', shape: [] });
  draft.tensors.set(previous!, { dtype: 'bool', shape: [] });
  return closeDraft(draft, [iteration!, previous!, ...inputs], [goesOn ?? previous!, ...outputs]);
}

/** A list of tensors is a sequence; what it holds at the start does not matter for its cost. */
const makeList: Translate = (operation) => {
  const dtype = operation.outputs[0]?.type.dtype;
  emit(operation, 'SequenceEmpty', [], { dtype: dtype ? onnxDataType(dtype) : undefined });
};

const gatherList: Translate = (operation) => {
  emit(operation, 'ConcatFromSequence', [tensor(operation, 'ls')], { axis: 0, new_axis: 1 });
};

const scatterList: Translate = (operation) => {
  emit(operation, 'SplitToSequence', [tensor(operation, 'value')], { axis: 0, keepdims: 0 });
};

function ofInputs(operator: string, ...parameters: readonly string[]): Translate {
  return (operation) => {
    emit(
      operation,
      operator,
      parameters.map((parameter) => tensor(operation, parameter)),
    );
  };
}

/** What a state becomes is given out beside the model's outputs; the value itself goes on to its readers. */
const updateState: Translate = (operation) => {
  const [value = ''] = ['value', 'data'].map((parameter) => tensor(operation, parameter)).filter((name) => name !== '');
  const state = tensor(operation, 'state') || tensor(operation, 'input');
  const { name, outputs } = operation;
  const written = outputs.length > 0 ? outputs : [{ name: `${state}/written`, type: other }];
  emit({ ...operation, name: outputs.length > 0 ? name : `${state}/write`, outputs: written }, 'Identity', [value], {
    written_state: state,
  });
};

export const control: Table = [
  ['cond', branches],
  ['while_loop', loop],
  ['make_list', makeList],
  ['list_length', ofInputs('SequenceLength', 'ls')],
  ['list_read', ofInputs('SequenceAt', 'ls', 'index')],
  ['list_write', ofInputs('SequenceInsert', 'ls', 'value', 'index')],
  ['list_gather', gatherList],
  ['list_scatter', scatterList],
  ['read_state', ofInputs('Identity', 'input')],
  ['write_state', updateState],
  ['coreml_update_state', updateState],
];
