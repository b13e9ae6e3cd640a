/** Models of one operator, whose outputs the file does not describe: what the reader says of them was inferred. */
import {
  addOperator,
  addSubgraph,
  addTensor,
  createModel,
  encodeTflite,
  type Fields,
} from '../../../fixtures/tflite-builder.mjs';
import { readModel } from '../../../src/formats/index.ts';
import { bufferSource } from '../../../src/ir/byte-source.ts';
import type { Model } from '../../../src/ir/graph.ts';
import { inferModel } from '../../../src/passes/index.ts';

export interface Operand {
  readonly type: string;
  readonly shape: readonly number[];
  /** Present for constants. */
  readonly data?: Uint8Array;
  /** Keeps its value from one run to the next. */
  readonly variable?: true;
}

export interface Case {
  readonly name: string;
  readonly code: number | string;
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
  readonly options?: readonly [union: number, fields: Fields];
}

export function floats(...shape: number[]): Operand {
  return { type: 'float32', shape };
}

export function typed(type: string, ...shape: number[]): Operand {
  return { type, shape };
}

/** A constant list of 32-bit integers; a single number is a scalar. */
export function integers(values: number | readonly number[], shape?: readonly number[]): Operand {
  const list = typeof values === 'number' ? [values] : values;
  const ownShape = typeof values === 'number' ? [] : [values.length];
  return { type: 'int32', shape: shape ?? ownShape, data: new Uint8Array(Int32Array.from(list).buffer) };
}

/** The same of 64 bits. */
export function int64s(...values: number[]): Operand {
  return { type: 'int64', shape: [values.length], data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) };
}

/** A state of a recurrent layer. */
export function variable(...shape: number[]): Operand {
  return { type: 'float32', shape, variable: true };
}

/** Constant zeros. */
export function weights(...shape: number[]): Operand {
  return { type: 'float32', shape, data: new Uint8Array(4 * shape.reduce((product, size) => product * size, 1)) };
}

/** Inputs are called `input0` and so on, outputs `output0`. */
export function encodeCase({ code, inputs, outputs, options }: Case): Uint8Array {
  const model = createModel();
  const graph = addSubgraph(model, 'main');
  const given = inputs.map((operand, position) => {
    if (operand === undefined) return -1;
    const index = addTensor(graph, { name: `input${position}`, ...operand });
    if (operand.data === undefined && operand.variable !== true) graph.inputs.push(index);
    return index;
  });
  const made = outputs.map(({ type }, position) =>
    addTensor(graph, { name: `output${position}`, type, shape: undefined }),
  );
  addOperator(graph, code, { inputs: given, outputs: made }, options);
  graph.outputs.push(...made);
  return encodeTflite(model, { description: 'One operator.' });
}

export function readCase(one: Case): Model {
  const model = readModel(new Map([['', bufferSource(encodeCase(one))]]), 'm.tflite');
  return inferModel(model, { dims: new Map(), inputs: new Map() });
}
