/** Model.proto: the header, and the model of whichever kind it holds, as one graph. */
import { UserError } from '../../errors.ts';
import type { ByteSource } from '../../ir/byte-source.ts';
import type { Graph } from '../../ir/graph.ts';
import type { ExternalFiles } from '../onnx/external-data.ts';
import { noNodeIds } from '../onnx/node-ids.ts';
import { checkDefined, orderNodes } from '../onnx/scope.ts';
import { openWire, rootMessage } from '../protobuf.ts';
import type { Reading } from './building.ts';
import { readDescription } from './description.ts';
import { fieldsAt, fieldsOf, integerAt, messageAt } from './fields.ts';
import { readProgram } from './mil/program.ts';

export interface Specification {
  readonly version: number;
  readonly producer: string;
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly metadata: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

export interface SpecificationFile {
  readonly source: ByteSource;
  /** As ranges name it. */
  readonly file: string;
  readonly files: ExternalFiles;
}

const program = 502;

export function readSpecification({ source, file, files }: SpecificationFile): Specification {
  const model = fieldsOf(rootMessage(openWire(source, files.path)));
  const reading: Reading = { files, file, ids: noNodeIds(), warnings: [] };
  const version = integerAt(model, 1);
  const description = readDescription(fieldsAt(model, 2));
  const opsets = new Map([['coreml.specification', version]]);
  const found = messageAt(model, program);
  if (found === undefined) throw new UserError(`${files.path}: this Core ML file holds no model that is known`);
  const { graph, opset } = readProgram(found, description.defaultFunction, reading);
  const number = /^(.+?)(\d{1,6})$/.exec(opset);
  if (number !== null) opsets.set(`mil.${number[1]!}`, Number(number[2]));
  return {
    version,
    producer: description.producer,
    opsets,
    graph: checked(graph, files.path),
    metadata: description.metadata,
    warnings: reading.warnings,
  };
}

/** @throws UserError when a value is defined twice, or read and defined nowhere. */
function checked(graph: Graph, path: string): Graph {
  const ordered = { ...graph, nodes: orderNodes(graph, path) };
  checkDefined(ordered, path);
  return ordered;
}
