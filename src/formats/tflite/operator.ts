/** What a translation sees of one operator of the file, and what it gives back. */
import type { Attribute, Graph, TensorType, TensorValue } from '../../ir/graph.ts';
import type { Table } from '../flatbuffer.ts';
import { numberField, numbersField } from '../flatbuffer.ts';

export interface FileOperator {
  /** Of the builtin operator; that of CUSTOM for custom ones. */
  readonly code: number;
  readonly customName: string;
  /** Names in the graph; `''` is an absent optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Declared, by position. */
  readonly inputTypes: readonly (TensorType | undefined)[];
  readonly outputTypes: readonly TensorType[];
  /** Values of small constant inputs, by position. */
  readonly values: readonly (TensorValue | undefined)[];
  readonly options: Table | undefined;
  /** The first of the 32-bit numbers that a custom operator's options are, if they are numbers. */
  readonly customIntegers: readonly number[];
  /** Names a tensor inside of the operator, with its type where it is known. */
  readonly inner: (suffix: string, type?: TensorType) => string;
  /** A subgraph as the body of this operator; undefined when there is none of this number. */
  readonly body: (subgraph: number, attribute: string, captured?: readonly string[]) => Graph | undefined;
  /** The nodes of a subgraph in place of this operator. */
  readonly inline: (subgraph: number, inputs: readonly string[], outputs: readonly string[]) => readonly NodeDraft[];
  readonly warn: (text: string) => void;
  /** Notes which variable a resource tensor stands for. */
  readonly nameVariable: (handle: string, name: string) => void;
  /** Notes what the variable behind a resource tensor holds from one run to the next. */
  readonly keepVariable: (handle: string, type: TensorType | undefined) => void;
  /** A graph of this node alone, as the body of this operator. */
  readonly alone: (node: NodeDraft, attribute: string) => Graph;
}

export interface NodeDraft {
  readonly operator: string;
  /** Absent: ai.onnx. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** True for a node beside the one that the operator is known by. */
  readonly beside?: true;
  /** Present for a node that was made already: the id that it has. */
  readonly id?: string;
}

export type Translate = (operator: FileOperator) => readonly NodeDraft[];

/** Operators that ONNX has no word for. */
export const tfliteDomain = 'tflite';

export function int(value: number): Attribute {
  return { kind: 'int', value };
}

export function ints(values: readonly number[]): Attribute {
  return { kind: 'ints', values };
}

export function float(value: number): Attribute {
  return { kind: 'float', value };
}

export function text(value: string): Attribute {
  return { kind: 'string', value };
}

/** A number among the operator's options, by its field; all fallbacks are those of the schema. */
export function option(
  { options }: FileOperator,
  field: number,
  kind: 'int8' | 'int32' | 'uint32' | 'int64' | 'float32' | 'bool',
  fallback = 0,
): number {
  return options === undefined ? fallback : numberField(options, field, kind, fallback);
}

export function optionList(
  { options }: FileOperator,
  field: number,
  kind: 'int32' | 'int64' | 'bool',
): readonly number[] {
  return options === undefined ? [] : numbersField(options, field, kind);
}

/** The elements of a constant input, all numbers; undefined where it is not constant or too long. */
export function numbers({ values }: FileOperator, position: number): readonly number[] | undefined {
  const elements = values[position]?.elements;
  return elements?.every((element): element is number => typeof element === 'number') ? elements : undefined;
}

export function rankOf(operator: FileOperator, position: number): number | undefined {
  return operator.inputTypes[position]?.shape?.length;
}

/** The same computation under ONNX's name, operand by operand. */
export function plain(name: string, attributes: Readonly<Record<string, Attribute>> = {}): Translate {
  return ({ inputs, outputs }) => [{ operator: name, inputs, outputs, attributes }];
}

/** An operator of this program's own for what ONNX has no word for. */
export function own(name: string, attributes?: (operator: FileOperator) => Record<string, Attribute>): Translate {
  return (operator) => [
    {
      operator: name,
      domain: tfliteDomain,
      inputs: operator.inputs,
      outputs: operator.outputs,
      attributes: attributes?.(operator) ?? {},
    },
  ];
}

const activations: Readonly<Record<number, Pick<NodeDraft, 'operator' | 'attributes'>>> = {
  1: { operator: 'Relu' },
  2: { operator: 'Clip', attributes: { min: float(-1), max: float(1) } },
  3: { operator: 'Clip', attributes: { min: float(0), max: float(6) } },
  4: { operator: 'Tanh' },
  5: { operator: 'Sign' },
};

/** The node and, behind it, the activation that its option `field` asks for: compilers fuse the two again. */
export function activated(operator: FileOperator, field: number, draft: NodeDraft): readonly NodeDraft[] {
  const activation = activations[option(operator, field, 'int8')];
  if (activation === undefined) return [draft];
  const [output = '', ...others] = draft.outputs;
  const linear = operator.inner('linear', operator.outputTypes[0]);
  return [
    { ...draft, outputs: [linear, ...others] },
    { ...activation, inputs: [linear], outputs: [output], beside: true },
  ];
}
