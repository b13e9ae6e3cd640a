/** Small networks written down node by node, and how their nodes were matched. */
import type { GraphMatch } from '../../src/compare/comparison.ts';
import { matchGraphs, type MatchSide } from '../../src/compare/match.ts';
import type { DataType } from '../../src/ir/data-type.ts';
import type { Attribute, Initializer, Node, TensorType, TensorValue } from '../../src/ir/graph.ts';
import { sideOf } from './synthetic.ts';

export interface Draft {
  readonly operator: string;
  /** Outputs of other nodes (by id) or the graph's input `x`. */
  readonly from: readonly string[];
  /** Content of its weights; equal texts are equal weights. Those of `wide` ones are 16 x 32, of `tall` ones 32 x 16, a `number` is one. */
  readonly weights?: readonly string[];
  readonly dtype?: DataType;
  readonly domain?: string;
  readonly activation?: string;
  /** Of a Gemm. */
  readonly transB?: number;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Channels of each output; several are `id`, `id.1`, … */
  readonly channels?: readonly number[];
  /** A constant that steers it, such as where a slice starts. */
  readonly setting?: number;
}

export type Network = Readonly<Record<string, Draft>>;

const shape = [1, 16, 8, 8];

/** Nodes by id, in topological order; the last is the output. */
export function side(network: Network): MatchSide {
  const ids = Object.keys(network);
  const initializers = new Map<string, Initializer>();
  const weights = new Map<string, { digest: string; orderFree: string }>();
  const values = new Map<string, TensorValue>();
  const tensors = new Map<string, TensorType>([['x', { dtype: 'float32', shape }]]);
  const nodes = ids.map((id, index): Node => {
    const draft = network[id]!;
    const { operator, from, domain = '', dtype = 'float32', activation, weights: contents = [] } = draft;
    const operands = contents.map((content) => {
      const name = `${index} ${content}`;
      const stored = { dtype: 'float32', encoding: 'raw', ranges: [], fileBytes: 1024, available: true } as const;
      initializers.set(name, { ...stored, name, shape: weightShape(content) });
      weights.set(name, { digest: content, orderFree: content });
      return name;
    });
    const channels = draft.channels ?? [16];
    const outputs = channels.map((_, at) => (at === 0 ? id : `${id}.${at}`));
    outputs.forEach((name, at) => tensors.set(name, { dtype, shape: [1, channels[at]!, 8, 8] }));
    if (draft.setting !== undefined) {
      const value = { dtype: 'int64', shape: [1], elements: [draft.setting] } as const;
      operands.push(`${id} setting`);
      values.set(`${id} setting`, value);
    }
    const attributes = new Map<string, Attribute>(Object.entries(draft.attributes ?? {}));
    if (activation !== undefined) attributes.set('activation', { kind: 'string', value: activation });
    if (draft.transB !== undefined) attributes.set('transB', { kind: 'int', value: draft.transB });
    return {
      ...{ id, name: `${operator}_${index}`, operator, domain, version: 17, attributes, sources: [id] },
      ...{ inputs: [...from, ...operands], outputs, repetitions: 1, metadata: new Map() },
    };
  });
  const graph = { name: '', inputs: ['x'], outputs: [ids.at(-1)!], nodes, values, initializers, tensors };
  return sideOf(graph, weights);
}

function weightShape(content: string): readonly number[] {
  if (content.includes('bias')) return [16];
  if (content.startsWith('number')) return [];
  if (content.startsWith('wide')) return [16, 32];
  return content.startsWith('tall') ? [32, 16] : [16, 16];
}

/** `base nodes → head nodes`, each side sorted, in the order of the text. */
export function groups({ matches }: GraphMatch): readonly string[] {
  return matches.map(({ base, head }) => `${base.toSorted().join(' ')} → ${head.toSorted().join(' ')}`).sort();
}

export function matched(base: Network, head: Network): GraphMatch {
  return matchGraphs(side(base), side(head));
}
