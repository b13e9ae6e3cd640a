/** Operators that run other subgraphs, and those that keep something between runs: variables and tables. */
import type { Graph, Node } from '../../ir/graph.ts';
import { nameField } from '../flatbuffer.ts';
import { int, option, optionList, own, type FileOperator, type NodeDraft, type Translate } from './operator.ts';

/** Branches read what they are given from the graph around them. */
const branches: Translate = (operator) => {
  const [condition = '', ...given] = operator.inputs;
  const whenTrue = operator.body(option(operator, 0, 'int32'), 'then_branch', given);
  const whenFalse = operator.body(option(operator, 1, 'int32'), 'else_branch', given);
  return [conditional(condition, operator.outputs, whenTrue, whenFalse)];
};

function conditional(
  condition: string,
  outputs: readonly string[],
  whenTrue: Graph | undefined,
  whenFalse: Graph | undefined,
): NodeDraft {
  return {
    operator: 'If',
    inputs: [condition],
    outputs,
    attributes: {
      ...(whenTrue && { then_branch: { kind: 'graph' as const, value: whenTrue } }),
      ...(whenFalse && { else_branch: { kind: 'graph' as const, value: whenFalse } }),
    },
  };
}

/**
 * A subgraph says whether to go on, another makes the next state of the last. In ONNX one body does both: it makes the
 * next state and tells whether that one goes on. How often it runs is seen where it counts up to a constant.
 */
const loop: Translate = (operator) => {
  const body = operator.body(option(operator, 1, 'int32'), 'body');
  const condition = body && operator.body(option(operator, 0, 'int32'), 'condition', body.outputs);
  if (body === undefined || condition === undefined) return own('While')(operator);
  const [counter, goesOn] = [operator.inner('iteration'), operator.inner('goes-on')];
  const joined: Graph = {
    ...body,
    inputs: [counter, goesOn, ...body.inputs],
    outputs: [condition.outputs[0] ?? goesOn, ...body.outputs],
    nodes: [...body.nodes, ...condition.nodes],
    initializers: new Map([...body.initializers, ...condition.initializers]),
    tensors: new Map([
      ...body.tensors,
      ...condition.tensors,
      [counter, { dtype: 'int64', shape: [] }],
      [goesOn, { dtype: 'bool', shape: [] }],
    ]),
  };
  const trips = tripCount(operator, body, condition);
  const most = trips === undefined ? '' : operator.inner('trips', { dtype: 'int64', shape: [] });
  const run: NodeDraft = {
    operator: 'Loop',
    inputs: [most, '', ...operator.inputs],
    outputs: operator.outputs,
    attributes: { body: { kind: 'graph', value: joined } },
  };
  if (trips === undefined) return [run];
  const constant = { value_int: int(trips) };
  return [{ operator: 'Constant', inputs: [], outputs: [most], attributes: constant, beside: true }, run];
};

/** Of `while (i < limit) i += step` with constant limit, step and first i; undefined for other loops. */
function tripCount(operator: FileOperator, body: Graph, condition: Graph): number | undefined {
  const test = condition.nodes.find(({ outputs }) => outputs.includes(condition.outputs[0] ?? ''));
  const position = test?.operator === 'Less' ? body.outputs.indexOf(test.inputs[0] ?? '') : -1;
  const [start] = operator.values[position]?.elements ?? [];
  const limit = constantOf(condition, test?.inputs[1]);
  const increment = body.nodes.find(({ outputs }) => outputs[0] === body.outputs[position]);
  const step = increment && stepOf(increment, body, position);
  if (typeof start !== 'number' || limit === undefined || step === undefined || step <= 0) return undefined;
  return Math.max(0, Math.ceil((limit - start) / step));
}

function stepOf({ operator, inputs }: Node, body: Graph, position: number): number | undefined {
  const own = inputs.indexOf(body.inputs[position] ?? '');
  return operator === 'Add' && own >= 0 ? constantOf(body, inputs[1 - own]) : undefined;
}

function constantOf(graph: Graph, name: string | undefined): number | undefined {
  const [element] = graph.initializers.get(name ?? '')?.value?.elements ?? [];
  return typeof element === 'number' ? element : undefined;
}

/** The subgraph's nodes in place of the call. */
function called(field: number): Translate {
  return (operator) => operator.inline(option(operator, field, 'int32'), operator.inputs, operator.outputs);
}

/** Runs before the first inference and never again. */
const callOnce: Translate = (operator) => {
  operator.warn('a subgraph that runs once, before the first inference, is not counted (CALL_ONCE)');
  return own('CallOnce')(operator);
};

/** More branches than any model has. */
const maximumBranches = 64;

/** One of several: an If whose other branch is an If again, down to the last, which runs for every other index too. */
const choice: Translate = (operator) => {
  const branches = optionList(operator, 0, 'int32');
  const [condition = '', ...given] = operator.inputs;
  if (branches.length < 2 || branches.length > maximumBranches) return own('Case')(operator);
  const [last, ...before] = branches.map((branch, index) => operator.body(branch, `branch${index}`, given)).reverse();
  let others = last;
  let chosen: NodeDraft | undefined;
  for (const [index, branch] of before.entries()) {
    if (chosen !== undefined) others = operator.alone(chosen, `others${before.length - index}`);
    const isFirst = index === before.length - 1;
    const outputs = isFirst ? operator.outputs : operator.outputs.map(() => operator.inner('chosen'));
    chosen = conditional(condition, outputs, branch, others);
  }
  return chosen === undefined ? own('Case')(operator) : [chosen];
};

/** Options: where the variable belongs, its name. */
const variableHandle: Translate = (operator) => {
  const [handle = ''] = operator.outputs;
  if (operator.options !== undefined) operator.nameVariable(handle, nameField(operator.options, 1) || handle);
  return own('VariableHandle')(operator);
};

const readVariable: Translate = (operator) => {
  operator.keepVariable(operator.inputs[0] ?? '', operator.outputTypes[0]);
  return own('ReadVariable')(operator);
};

const assignVariable: Translate = (operator) => {
  operator.keepVariable(operator.inputs[0] ?? '', operator.inputTypes[1]);
  return own('AssignVariable')(operator);
};

/** By builtin code. */
export const controlTranslations: ReadonlyMap<number, Translate> = new Map<number, Translate>([
  [31, called(0)],
  [118, branches],
  [119, loop],
  [129, callOnce],
  [136, own('HashTable')],
  [137, own('HashTableFind')],
  [138, own('HashTableImport')],
  [139, own('HashTableSize')],
  [142, variableHandle],
  [143, readVariable],
  [144, assignVariable],
  [200, loop],
  [206, called(1)],
  [209, choice],
]);
