/**
 * The graph that every stage before the schedule speaks: ONNX's operators and semantics are its vocabulary, other
 * formats translate into it. All records are plain and readonly; passes return new ones.
 */
import type { DataType } from './data-type.ts';
import type { Dimension, SymbolicDimension, UnknownDimension } from './dimension.ts';

export type Shape = readonly Dimension[];

/** What is known of a tensor before it exists. */
export interface TensorType {
  /** `null`: not known (an unknown operator made it). */
  readonly dtype: DataType | null;
  /** `null`: not even the rank is known. */
  readonly shape: Shape | null;
  /** Absent: a plain tensor. The type of the elements of a sequence is `dtype` and `shape`. */
  readonly container?: 'sequence' | 'optional' | 'map';
  /** Why `shape` or `dtype` is null. */
  readonly reason?: string;
}

/** One element of a propagated value; integers and floats alike are numbers, booleans 0 and 1. */
export type Element = number | SymbolicDimension | UnknownDimension;

/** A small tensor whose elements are known, or partly known, before the model runs (shapes, axes, scales). */
export interface TensorValue {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** Row-major; `elements.length` is the product of `shape`. */
  readonly elements: readonly Element[];
}

/** A stretch of bytes in one of the model's files; `file` is `''` for the model file itself. */
export interface ByteRange {
  readonly file: string;
  readonly offset: number;
  readonly byteLength: number;
}

/**
 * How an initializer's elements lie in its ranges: little-endian dense (`raw`), or as protobuf repeated numbers.
 * `tagged-*`: each element follows its own protobuf tag (the unpacked form), the range spans all of them.
 * `high-bits-first`: dense elements of a few bits, the first in the highest bits of the first byte.
 */
export type WeightEncoding =
  | 'raw'
  | 'high-bits-first'
  | 'fixed32'
  | 'fixed64'
  | 'varint'
  | 'tagged-fixed32'
  | 'tagged-fixed64'
  | 'tagged-varint'
  | 'strings';

/** Forms of weights that some targets read as they are; others unpack them when the model is loaded. */
export interface WeightPacking {
  /** Absent: the elements themselves are stored. `bits` of indices for each element, `entries` numbers in all tables. */
  readonly table?: { readonly bits: number; readonly entries: number };
  /** Elements that are stored, a mask of one bit each tells which; absent: all. */
  readonly kept?: number;
}

/** A constant of the model: where its bytes are, not the bytes. */
export interface Initializer {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly encoding: WeightEncoding;
  readonly ranges: readonly ByteRange[];
  /** Bytes it takes in the model's files, whether they are there or not. */
  readonly fileBytes: number;
  /** False when the bytes are external and not there. */
  readonly available: boolean;
  /**
   * For a tensor that was computed at compile time: the file's initializers that its elements came from, which stay
   * in the graph. It takes no bytes of the file itself.
   */
  readonly foldedFrom?: readonly string[];
  /** Where its elements are those of one other constant, in the same row-major order or with the axes permuted. */
  readonly movedFrom?: { readonly constant: Initializer; readonly permutation?: readonly number[] };
  /** Where the file stores the elements in a compressed form that is unpacked to `dtype` before they are used. */
  readonly packing?: WeightPacking;
  /** Present for small tensors (they may decide shapes), read when the model was. */
  readonly value?: TensorValue;
  /** For sparse initializers: stored non-zero elements. The shape is that of the dense tensor, the ranges hold them. */
  readonly nonZeros?: number;
  /** For sparse initializers: where the elements lie, int64, linear `[nonZeros]` or coordinates `[nonZeros, rank]`. */
  readonly indices?: Initializer;
}

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly values: readonly number[] }
  | { readonly kind: 'floats'; readonly values: readonly number[] }
  | { readonly kind: 'strings'; readonly values: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Initializer }
  | { readonly kind: 'tensors'; readonly values: readonly Initializer[] }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'graphs'; readonly values: readonly Graph[] }
  | { readonly kind: 'type'; readonly value: TensorType }
  /** Inside a function: the value of this attribute of the calling node. */
  | { readonly kind: 'reference'; readonly name: string };

/** Maps, not objects: names come from hostile files and may be `__proto__`. */
export type Attributes = ReadonlyMap<string, Attribute>;

export interface Node {
  /**
   * Unique in the whole model: the file's name, or the first output where the file gives none or gives it twice;
   * nodes of subgraph bodies `parent/branch/…`.
   */
  readonly id: string;
  /** As in the file; may be empty or not unique. */
  readonly name: string;
  readonly operator: string;
  /** `''` is ai.onnx. */
  readonly domain: string;
  /** Chooses among local functions of one name; absent: the one without. */
  readonly overload?: string;
  /** Of the domain's opset that the model (or function) imports. */
  readonly version: number;
  /** Tensor names; `''` is an absent optional input or output. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** Ids of the file's nodes that this node stands for, itself first; passes that fold nodes away extend it. */
  readonly sources: readonly string[];
  /** How often one inference runs it: trip counts of the loops around it; 1 outside of loops. */
  readonly repetitions: number;
  /** Exporter metadata (`metadata_props`, and `doc_string`): scopes, stack traces. Hostile text, with paths of machines. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** How a tensor's integers stand for real numbers: `scale · (integer - zero point)`. */
export interface Quantization {
  /** One for the whole tensor, or one for each slice along `axis`; empty where other tensors hold them (blocks). */
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
  /** Elements along the axis that share a scale, where those are fewer than a slice has. */
  readonly blockSize?: number;
}

export interface Graph {
  readonly name: string;
  /** Tensor names; initializers with the same name are left out (IR < 4 lists them as inputs). */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Topologically ordered. */
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Types as declared by the file (inputs, outputs, value_info); complete after shape inference. */
  readonly tensors: ReadonlyMap<string, TensorType>;
  /** Known values of small tensors, filled by shape inference. */
  readonly values: ReadonlyMap<string, TensorValue>;
  /** Names of tensors that no run changes (initializers and what is computed from them), filled by shape inference. */
  readonly constants?: ReadonlySet<string>;
  /** Feature maps have their channels in the last axis (TFLite), not in the second. */
  readonly channelsLast?: true;
  /** The file gives every tensor's element type and its runtime obeys: they count, not the inferred ones (TFLite). */
  readonly typesDeclared?: true;
  /** What keeps its value from one run to the next and is no operand (TFLite's variables): memory for as long as it runs. */
  readonly states?: ReadonlyMap<string, TensorType>;
  /** By tensor, where the format keeps it beside the graph (TFLite); ONNX has operands of operators for it. */
  readonly quantization?: ReadonlyMap<string, Quantization>;
  /** Of what an exporter wrote beside the graph and its tensors (`metadata_props`), in the file. Absent: none. */
  readonly metadataBytes?: number;
}

/** A local function: a graph whose formal inputs, outputs and attributes a calling node binds. */
export interface FunctionDefinition {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
  readonly attributeDefaults: Attributes;
  readonly nodes: readonly Node[];
  readonly tensors: ReadonlyMap<string, TensorType>;
}

export interface ModelFile {
  /** Relative to the model's folder; the model file itself is first. */
  readonly path: string;
  /** Declared length for absent external data, else the file's size. */
  readonly byteLength: number;
  readonly available: boolean;
}

export interface Model {
  readonly format: 'onnx' | 'tflite' | 'coreml';
  /** `pytorch 2.3.1`; empty when the file does not say. */
  readonly producer: string;
  readonly irVersion: number;
  /** Domain (`ai.onnx` for the default) to version. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly functions: readonly FunctionDefinition[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly files: readonly ModelFile[];
  /** Things the reader noticed and the report should say: absent external data, skipped parts. */
  readonly warnings: readonly string[];
  /** Where the format numbers operators (TFLite), and other tools name them so. */
  readonly numbering?: OperatorNumbering;
}

export interface OperatorNumbering {
  /** In the file, used or not. */
  readonly subgraphs: number;
  /** By id of a node; of what is called in place, the operator that calls. */
  readonly places: ReadonlyMap<string, OperatorPlace>;
}

/** The operator of the file that a node is, or is a part of. */
export interface OperatorPlace {
  /** Its name, which may be that of others, and its place in the file. */
  readonly subgraph: string;
  readonly subgraphNumber: number;
  readonly index: number;
}
