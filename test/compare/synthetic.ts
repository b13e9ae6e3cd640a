/**
 * Generated residual networks with known truth: each node has an identity that survives every edit, while its name is
 * a global counter, as the worst exporters write it.
 */
import { countParameters } from '../../src/passes/count-parameters.ts';
import type { MatchSide } from '../../src/compare/match.ts';
import type { Attribute, Graph, Initializer, Node, TensorType } from '../../src/ir/graph.ts';

export interface Block {
  readonly key: string;
  readonly width: number;
  /** Halves the resolution and projects the shortcut. */
  readonly projects: boolean;
}

export interface Variant {
  readonly blocks: readonly Block[];
  readonly activation?: string;
  readonly resolution?: number;
  /** Part of every weight's content: another one is another training. */
  readonly training?: string;
  /** Conv and the activation behind it are one node. */
  readonly fused?: boolean;
  /** Quantize and dequantize around every convolution. */
  readonly quantized?: boolean;
  /** The shortcut's projection is written before the main branch. */
  readonly shortcutFirst?: boolean;
  /** Operands of every Add swapped. */
  readonly swapped?: boolean;
  /** Where the counters of names start. */
  readonly firstNumber?: number;
}

export interface Synthetic {
  readonly side: MatchSide;
  /** Identities of the layers that each node stands for, by node id. */
  readonly truth: ReadonlyMap<string, readonly string[]>;
  /** Operator and weight shape by node id: what its cost depends on, beside the resolution. */
  readonly costs: ReadonlyMap<string, string>;
}

/** 33 blocks in four stages, 23 of them alike: 173 nodes as a plain network. */
export function residualBlocks(): readonly Block[] {
  return [3, 4, 24, 2].flatMap((count, stage) =>
    Array.from({ length: count }, (_, index) => ({
      key: `stage${stage}.${index}`,
      width: 64 * 2 ** stage,
      projects: index === 0 && stage > 0,
    })),
  );
}

interface Draft {
  readonly operator: string;
  readonly identities: readonly string[];
  readonly inputs: readonly string[];
  readonly shape: readonly number[];
  /** Weight shape; the content follows from the first identity. */
  readonly weight?: readonly number[];
  readonly attributes?: ReadonlyMap<string, Attribute>;
  /** Of the output; null: nobody knows. */
  readonly dtype?: TensorType['dtype'];
}

interface Writer {
  readonly variant: Variant;
  readonly nodes: Node[];
  readonly initializers: Map<string, Initializer>;
  readonly tensors: Map<string, TensorType>;
  readonly weights: Map<string, { digest: string; orderFree: string }>;
  readonly truth: Map<string, readonly string[]>;
  readonly costs: Map<string, string>;
}

/** Adds a node and gives its output. */
function write(writer: Writer, draft: Draft): string {
  const { operator, identities, inputs, shape, weight, attributes = new Map(), dtype = 'float32' } = draft;
  const number = (writer.variant.firstNumber ?? 0) + writer.nodes.length;
  const [name, output] = [`${operator}_${number}`, `t${number}`];
  const operands = [...inputs];
  if (weight !== undefined) {
    const tensor = `onnx::${operator}_${number}`;
    const digest = `${identities[0]!} ${writer.variant.training ?? 'first'} ${weight.join()}`;
    const fileBytes = 4 * weight.reduce((product, length) => product * length, 1);
    const stored = { dtype: 'float32', encoding: 'raw', ranges: [], fileBytes, available: true } as const;
    writer.initializers.set(tensor, { ...stored, name: tensor, shape: weight });
    writer.weights.set(tensor, { digest, orderFree: digest });
    operands.push(tensor);
  }
  writer.nodes.push({
    ...{ id: name, name, operator, domain: operator === 'FusedConv' ? 'com.microsoft' : '', version: 17 },
    ...{ inputs: operands, outputs: [output], attributes, sources: [name], repetitions: 1, metadata: new Map() },
  });
  writer.tensors.set(output, { dtype, shape });
  writer.truth.set(name, identities);
  writer.costs.set(name, `${operator.replace('Fused', '')} ${weight?.join() ?? ''}`);
  return output;
}

interface Convolution {
  readonly identity: string;
  readonly input: string;
  readonly channels: readonly [from: number, to: number];
  readonly size: number;
  readonly stride: number;
  readonly kernel: number;
  readonly activated: boolean;
}

function convolution(
  writer: Writer,
  { identity, channels: [from, to], size, stride, kernel, ...rest }: Convolution,
): string {
  const { variant } = writer;
  const shape = [1, to, size, size];
  const quantize = (name: string, input: string): string => {
    if (variant.quantized !== true) return input;
    const quantized = write(writer, {
      operator: 'QuantizeLinear',
      identities: [`${identity}/${name}/q`],
      inputs: [input],
      shape,
      dtype: 'int8',
    });
    return write(writer, {
      operator: 'DequantizeLinear',
      identities: [`${identity}/${name}/dq`],
      inputs: [quantized],
      shape,
    });
  };
  const activation = `${identity}/activation`;
  const fused = variant.fused === true && rest.activated;
  const output = write(writer, {
    operator: fused ? 'FusedConv' : 'Conv',
    identities: fused ? [identity, activation] : [identity],
    inputs: [quantize('in', rest.input)],
    shape,
    weight: [to, from, kernel, kernel],
    attributes: new Map([['strides', { kind: 'ints', values: [stride, stride] }]]),
  });
  if (!rest.activated || fused) return output;
  const operator = variant.activation ?? 'Relu';
  return write(writer, { operator, identities: [activation], inputs: [quantize('out', output)], shape });
}

function block(
  writer: Writer,
  { key, width, projects }: Block,
  at: { input: string; channels: number; size: number },
): string {
  const size = projects ? at.size / 2 : at.size;
  const stride = projects ? 2 : 1;
  const channels = [at.channels, width] as const;
  const project = (): string =>
    convolution(writer, {
      ...{ identity: `${key}/project`, input: at.input, channels, size, stride, kernel: 1, activated: false },
    });
  const early = projects && writer.variant.shortcutFirst === true ? project() : undefined;
  const first = convolution(writer, {
    ...{ identity: `${key}/conv1`, input: at.input, channels, size, stride, kernel: 3, activated: true },
  });
  const second = convolution(writer, {
    ...{
      identity: `${key}/conv2`,
      input: first,
      channels: [width, width],
      size,
      stride: 1,
      kernel: 3,
      activated: false,
    },
  });
  const shortcut = early ?? (projects ? project() : at.input);
  const shape = [1, width, size, size];
  const inputs = writer.variant.swapped === true ? [shortcut, second] : [second, shortcut];
  const added = write(writer, { operator: 'Add', identities: [`${key}/add`], inputs, shape });
  return write(writer, {
    operator: writer.variant.activation ?? 'Relu',
    identities: [`${key}/out`],
    inputs: [added],
    shape,
  });
}

export function synthesize(variant: Variant): Synthetic {
  const writer: Writer = {
    ...{ variant, nodes: [], initializers: new Map(), tensors: new Map(), weights: new Map() },
    ...{ truth: new Map(), costs: new Map() },
  };
  const resolution = variant.resolution ?? 64;
  writer.tensors.set('image', { dtype: 'float32', shape: [1, 3, resolution, resolution] });
  const stem = { identity: 'stem', input: 'image', channels: [3, 64], size: resolution, stride: 1, kernel: 3 } as const;
  let at = { input: convolution(writer, { ...stem, activated: true }), channels: 64, size: resolution };
  for (const one of variant.blocks) {
    const input = block(writer, one, at);
    at = { input, channels: one.width, size: one.projects ? at.size / 2 : at.size };
  }
  const pooled = write(writer, {
    ...{ operator: 'GlobalAveragePool', identities: ['pool'], inputs: [at.input], shape: [1, at.channels, 1, 1] },
  });
  const flat = write(writer, { operator: 'Flatten', identities: ['flat'], inputs: [pooled], shape: [1, at.channels] });
  const weight = [at.channels, 1000];
  const output = write(writer, { operator: 'Gemm', identities: ['head'], inputs: [flat], shape: [1, 1000], weight });
  const graph: Graph = {
    ...{ name: '', inputs: ['image'], outputs: [output], nodes: writer.nodes, values: new Map() },
    ...{ initializers: writer.initializers, tensors: writer.tensors },
  };
  return { side: sideOf(graph, writer.weights), truth: writer.truth, costs: writer.costs };
}

/** A graph as if the passes had made it. */
export function sideOf(graph: Graph, weights: MatchSide['weights']): MatchSide {
  return {
    prepared: {
      ...{ graph, assumptions: [], unbound: [], unknownOperators: [], coverage: 1, constantNodes: [], unresolved: [] },
      parameters: countParameters(graph),
      model: {
        ...{ format: 'onnx', producer: '', irVersion: 8, opsets: new Map([['ai.onnx', 17]]), graph, functions: [] },
        ...{ metadata: new Map(), files: [], warnings: [] },
      },
    },
    weights,
  };
}
