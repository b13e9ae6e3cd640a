/** One node with operands of given types, asked what its operator's entry says of it. */
import { isDataType } from '../../src/ir/data-type.ts';
import { print, symbol } from '../../src/ir/dimension.ts';
import type { Dimension } from '../../src/ir/dimension.ts';
import type { Attribute, Element, Node, TensorType, TensorValue } from '../../src/ir/graph.ts';
import { findOperator, workOf } from '../../src/operators/index.ts';
import type { InferenceContext, Operator } from '../../src/operators/operator.ts';
import type { VectorOperation, Work } from '../../src/operators/work.ts';
import { workMacs } from '../../src/operators/work.ts';

/** `float32[batch,3,8]`: names are symbols; `float32` alone has no known shape, `''` is an absent input. */
type Spelled = string;

type Plain = number | string | readonly number[] | readonly string[];

export interface OneNode {
  readonly op: string;
  readonly domain?: string;
  readonly version?: number;
  readonly inputs: readonly Spelled[];
  /** Numbers are integers unless the key is in `floats`. */
  readonly attributes?: Readonly<Record<string, Plain>>;
  readonly floats?: Readonly<Record<string, number | readonly number[]>>;
  /** Known values of inputs, by position. */
  readonly values?: Readonly<Record<number, readonly (Element | string)[]>>;
  /** Positions of constant inputs. */
  readonly constant?: readonly number[];
  /** Number of outputs; 1 when absent. */
  readonly outputs?: number;
}

function dimensionOf(text: string): Dimension {
  return /^\d+$/.test(text) ? Number(text) : symbol(text);
}

export function typeOf(spelled: Spelled): TensorType | undefined {
  if (spelled === '') return undefined;
  const [, name = '', shape] = /^(\w+)(?:\[(.*)\])?$/.exec(spelled) ?? [];
  if (!isDataType(name)) throw new Error(`no type: ${spelled}`);
  if (shape === undefined) return { dtype: name, shape: null, reason: 'not given' };
  return { dtype: name, shape: shape === '' ? [] : shape.split(',').map(dimensionOf) };
}

function spell({ dtype, shape }: TensorType): Spelled {
  return shape === null ? String(dtype) : `${String(dtype)}[${shape.map(print).join(',')}]`;
}

function attributeOf(value: Plain): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (value.every((entry) => typeof entry === 'string')) return { kind: 'strings', values: value };
  return { kind: 'ints', values: value };
}

function floatOf(value: number | readonly number[]): Attribute {
  return typeof value === 'number' ? { kind: 'float', value } : { kind: 'floats', values: value };
}

function nodeOf(given: OneNode): Node {
  return {
    id: 'node',
    name: 'node',
    operator: given.op,
    domain: given.domain ?? '',
    version: given.version ?? 21,
    inputs: given.inputs.map((spelled, position) => (spelled === '' ? '' : `input${position}`)),
    outputs: Array.from({ length: given.outputs ?? 1 }, (_, position) => `output${position}`),
    attributes: new Map([
      ...Object.entries(given.attributes ?? {}).map(([name, value]) => [name, attributeOf(value)] as const),
      ...Object.entries(given.floats ?? {}).map(([name, value]) => [name, floatOf(value)] as const),
    ]),
    sources: ['node'],
    repetitions: 1,
    metadata: new Map(),
  };
}

function valueOf(
  type: TensorType | undefined,
  elements: readonly (Element | string)[] | undefined,
): TensorValue | undefined {
  if (!type?.dtype || elements === undefined) return undefined;
  return {
    dtype: type.dtype,
    shape: (type.shape ?? []) as readonly number[],
    elements: elements.map((element) => (typeof element === 'string' ? symbol(element) : element)),
  };
}

export function contextOf(given: OneNode): InferenceContext {
  const inputs = given.inputs.map(typeOf);
  return {
    node: nodeOf(given),
    inputs,
    values: inputs.map((type, position) => valueOf(type, given.values?.[position])),
    constant: inputs.map((_, position) => given.constant?.includes(position) ?? false),
    inferBody: () => ({ outputs: [], values: [] }),
  };
}

function operatorOf(given: OneNode): Operator {
  const operator = findOperator(given.domain ?? '', given.op);
  if (operator === undefined) throw new Error(`no such operator: ${given.op}`);
  return operator;
}

/** Types of the outputs, spelled as the inputs are. */
export function inferred(given: OneNode): readonly Spelled[] {
  return operatorOf(given).infer(contextOf(given)).map(spell);
}

/** Elements of the first output's value, symbols printed; undefined when it has none. */
export function evaluated(given: OneNode): readonly (number | string)[] | undefined {
  const [value] = operatorOf(given).evaluate?.(contextOf(given)) ?? [];
  return value?.elements.map((element) => (typeof element === 'number' ? element : print(element)));
}

export function work(given: OneNode): Work {
  const context = contextOf(given);
  return workOf(context, operatorOf(given).infer(context));
}

export function macs(given: OneNode): number {
  return workMacs(work(given));
}

/** Vector work by operation, kinds summed up. */
export function vectorTotals(given: OneNode): Partial<Record<VectorOperation, number>> {
  const totals: Partial<Record<VectorOperation, number>> = {};
  for (const { operation, elements } of work(given).vector) totals[operation] = (totals[operation] ?? 0) + elements;
  return totals;
}
