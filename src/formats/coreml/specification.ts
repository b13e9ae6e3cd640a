/** Model.proto: the header, and the model of whichever kind it holds, as one graph. */
import { UserError } from '../../errors.ts';
import type { ByteSource } from '../../ir/byte-source.ts';
import type { Graph } from '../../ir/graph.ts';
import type { ExternalFiles } from '../onnx/external-data.ts';
import { noNodeIds } from '../onnx/node-ids.ts';
import { checkDefined } from '../onnx/scope.ts';
import { openWire, rootMessage, type Field } from '../protobuf.ts';
import type { Reading } from './building.ts';
import { readDescription, type Description } from './description.ts';
import { readClassic } from './classic.ts';
import { fieldsAt, fieldsOf, integerAt, messageAt, messagesAt, textsAt, type Fields } from './fields.ts';
import { readProgram } from './mil/program.ts';
import { joinParts } from './pipeline.ts';
import { readNetwork } from './network/network.ts';

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
const networks = [500, 403, 303];
const pipelines = [202, 200, 201];

/** Pipelines in pipelines; real ones have one level. */
const deepestPipeline = 8;

/** What is read of one model, or of one part of a pipeline. */
interface Part {
  readonly graph: Graph;
  /** `CoreML7`; empty for models that are no programs. */
  readonly opset: string;
}

export function readSpecification({ source, file, files }: SpecificationFile): Specification {
  const model = fieldsOf(rootMessage(openWire(source, files.path)));
  const reading: Reading = { files, file, ids: noNodeIds(), warnings: [], prefix: '' };
  const version = integerAt(model, 1);
  const description = readDescription(fieldsAt(model, 2));
  const opsets = new Map([['coreml.specification', version]]);
  const { graph, opset } = readPart(model, reading, 0);
  checkDefined(graph, files.path);
  const number = /^(.+?)(\d{1,6})$/.exec(opset);
  if (number !== null) opsets.set(`mil.${number[1]!}`, Number(number[2]));
  return {
    version,
    producer: description.producer,
    opsets,
    graph,
    metadata: description.metadata,
    warnings: reading.warnings,
  };
}

function readPart(model: Fields, reading: Reading, depth: number): Part {
  const description = readDescription(fieldsAt(model, 2));
  const found = messageAt(model, program);
  if (found !== undefined) return readProgram(found, description.defaultFunction, reading);
  const network = firstOf(model, networks);
  if (network !== undefined) return { graph: readNetwork(network, description, reading), opset: '' };
  const pipeline = firstOf(model, pipelines);
  if (pipeline !== undefined) return readPipeline(pipelineOf(model, pipeline), { description, reading, depth });
  const classic = readClassic(model, description, reading);
  if (classic !== undefined) return { graph: classic, opset: '' };
  throw new UserError(`${reading.files.path}: this Core ML file holds no model that is known`);
}

function firstOf(model: Fields, numbers: readonly number[]): Field | undefined {
  return numbers.map((number) => messageAt(model, number)).find((found) => found !== undefined);
}

/** A PipelineClassifier or PipelineRegressor holds a Pipeline. */
function pipelineOf(model: Fields, found: Field): Fields {
  return found === messageAt(model, pipelines[0]!) ? fieldsOf(found) : fieldsAt(fieldsOf(found), 1);
}

function readPipeline(
  pipeline: Fields,
  {
    description,
    reading,
    depth,
  }: { readonly description: Description; readonly reading: Reading; readonly depth: number },
): Part {
  if (depth >= deepestPipeline) {
    throw new UserError(`${reading.files.path}: pipelines are nested deeper than ${deepestPipeline}`);
  }
  const names = textsAt(pipeline, 2);
  const parts = messagesAt(pipeline, 1).map((message, index) => {
    const name = names[index] ?? `part${index}`;
    const inner = { ...reading, prefix: `${reading.prefix}${name}/` };
    return { name: `${name}#${index}`, ...readPart(fieldsOf(message), inner, depth + 1) };
  });
  const opset = parts.map((part) => part.opset).find((each) => each !== '') ?? '';
  return { graph: joinParts(parts, description, reading), opset };
}
