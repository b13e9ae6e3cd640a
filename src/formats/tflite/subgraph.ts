/** The file's subgraphs and operator codes as it stores them, read when they are first asked for. */
import { UserError } from '../../errors.ts';
import type { Initializer, OperatorPlace } from '../../ir/graph.ts';
import {
  elementTable,
  nameField,
  numberField,
  numbersField,
  vectorField,
  type Table,
  type Vector,
} from '../flatbuffer.ts';
import { modelFields, operatorCodeFields, subgraphFields } from './schema.ts';
import { readTensor, type FileTensor, type Reading } from './tensor.ts';

/** Each costs about a kilobyte here and ten in all later stages together; more than any real model has. */
export const maximumNodes = 100_000;

/** What subgraphs that are used several times may add to that; a library of a model's own layers has hundreds. */
const maximumCopies = { nodes: 10_000, characters: 16_777_216 } as const;

export interface Subgraph {
  readonly name: string;
  readonly number: number;
  readonly tensors: readonly FileTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: Vector | undefined;
}

export interface GraphReading extends Reading {
  readonly codes: readonly { readonly code: number; readonly customName: string }[];
  /** Names of the variables behind resource tensors. */
  readonly handles: Map<string, string>;
  /** As read so far, by number. */
  readonly subgraphs: Map<number, Subgraph>;
  /** Tensors that are read and neither made nor held: stripped weights. */
  readonly withoutData: Map<string, Initializer>;
  /** By id of a node. */
  readonly places: Map<string, OperatorPlace>;
  nodes: number;
  /** Subgraphs that were built into the model, by number. */
  readonly built: Set<number>;
  copiedNodes: number;
  copiedCharacters: number;
}

/** @throws UserError for an operator code that is none. */
export function readCodes(model: Table, path: string): GraphReading['codes'] {
  const vector = vectorField(model, modelFields.operatorCodes, 4);
  if ((vector?.length ?? 0) > maximumNodes) throw new UserError(`${path}: more than ${maximumNodes} operator codes`);
  return Array.from({ length: vector?.length ?? 0 }, (_, index) => {
    const table = elementTable(model.flat, vector!, index);
    // Codes above 127 did not fit the old field; the larger of both counts.
    const old = numberField(table, operatorCodeFields.oldCode, 'int8');
    const code = Math.max(old, numberField(table, operatorCodeFields.code, 'int32'));
    return { code, customName: nameField(table, operatorCodeFields.customCode) };
  });
}

export function subgraphCount(model: Table): number {
  return vectorField(model, modelFields.subgraphs, 4)?.length ?? 0;
}

/** @throws UserError when there is none of this number, or a tensor of it contradicts itself. */
export function readSubgraph(index: number, reading: GraphReading): Subgraph {
  const known = reading.subgraphs.get(index);
  if (known !== undefined) return known;
  const { flat, model, files } = reading;
  const all = vectorField(model, modelFields.subgraphs, 4);
  if (all === undefined || index < 0 || index >= all.length)
    throw new UserError(`${files.path}: subgraph ${index} is not there`);
  const table = elementTable(flat, all, index);
  const tensors = vectorField(table, subgraphFields.tensors, 4);
  const subgraph: Subgraph = {
    name: nameField(table, subgraphFields.name),
    number: index,
    tensors: Array.from({ length: tensors?.length ?? 0 }, (_, at) =>
      readTensor(elementTable(flat, tensors!, at), at, reading),
    ),
    inputs: numbersField(table, subgraphFields.inputs, 'int32'),
    outputs: numbersField(table, subgraphFields.outputs, 'int32'),
    operators: vectorField(table, subgraphFields.operators, 4),
  };
  reading.subgraphs.set(index, subgraph);
  return subgraph;
}

/** Few operators stand for millions where subgraphs call others several times, level by level. */
export function chargeCopies(reading: GraphReading, nodes: number, characters: number): void {
  reading.copiedNodes += nodes;
  reading.copiedCharacters += characters;
  if (reading.copiedNodes > maximumCopies.nodes || reading.copiedCharacters > maximumCopies.characters) {
    throw new UserError(
      `${reading.files.path}: subgraphs that are called again and again grow to more than ${maximumCopies.nodes} nodes ` +
        'or to names without end; such a model is not read',
    );
  }
}
