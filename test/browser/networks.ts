/** The networks that pages are made of, named as PyTorch's exporter names them. */
import { createStructure, type Structure } from './structure.ts';

interface Shape {
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly group?: number;
}

function convolution(graph: Structure, name: string, input: string, shape: Shape): string {
  const { from, to, kernel, stride = 1, group = 1 } = shape;
  const pad = kernel >> 1;
  const key = name.slice(1).replaceAll('/', '.');
  const weights = [
    graph.weight(`${key}.weight`, [to, from / group, kernel, kernel]),
    graph.weight(`${key}.bias`, [to]),
  ];
  return graph.node({
    ...{ op: 'Conv', name: `${name}/Conv`, inputs: [input, ...weights] },
    attributes: { kernel_shape: [kernel, kernel], pads: [pad, pad, pad, pad], strides: [stride, stride], group },
  });
}

const relu = (graph: Structure, name: string, input: string): string =>
  graph.node({ op: 'Relu', name: `${name}/Relu`, inputs: [input] });

const stages = 5;
const blocksInStage = 10;

/**
 * Inverted residual blocks in five stages of ten: three convolutions a block, 151 in all.
 *
 * @param widths channels inside the blocks for each of their own, by stage
 */
export function residualNetwork(widths: readonly number[] = [4, 4, 4, 4, 4]): Uint8Array {
  const graph = createStructure('random');
  let channels = 8;
  let tensor = graph.input('image', [1, 3, 96, 96]);
  tensor = relu(graph, '/stem', convolution(graph, '/stem', tensor, { from: 3, to: channels, kernel: 3, stride: 2 }));
  for (let stage = 0; stage < stages; stage++) {
    for (let index = 0; index < blocksInStage; index++) {
      const wide = channels * widths[stage]!;
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const to = stride === 2 ? channels * 2 : channels;
      const name = `/stage${stage + 1}/block${index + 1}`;
      tensor = invertedBlock(graph, { name, input: tensor, from: channels, wide, to, stride });
      channels = to;
    }
  }
  const pooled = graph.node({ op: 'GlobalAveragePool', name: '/head/GlobalAveragePool', inputs: [tensor] });
  const flat = graph.node({ op: 'Flatten', name: '/head/Flatten', inputs: [pooled], attributes: { axis: 1 } });
  const weights = [graph.weight('head.weight', [10, channels]), graph.weight('head.bias', [10])];
  const scores = graph.node({
    ...{ op: 'Gemm', name: '/head/Gemm', inputs: [flat, ...weights] },
    attributes: { transB: 1 },
  });
  graph.output(scores, [1, 10]);
  return graph.encode(17);
}

interface Block {
  readonly name: string;
  readonly input: string;
  readonly from: number;
  readonly wide: number;
  readonly to: number;
  readonly stride: number;
}

function invertedBlock(graph: Structure, { name, input, from, wide, to, stride }: Block): string {
  const widened = relu(
    graph,
    `${name}/expand`,
    convolution(graph, `${name}/expand`, input, { from, to: wide, kernel: 1 }),
  );
  const depthwise = { from: wide, to: wide, kernel: 3, stride, group: wide };
  const filtered = relu(graph, `${name}/depthwise`, convolution(graph, `${name}/depthwise`, widened, depthwise));
  const narrowed = convolution(graph, `${name}/project`, filtered, { from: wide, to, kernel: 1 });
  return from === to && stride === 1
    ? graph.node({ op: 'Add', name: `${name}/Add`, inputs: [input, narrowed] })
    : narrowed;
}

/**
 * As many of these blocks, all of one width: as long a model as anyone has, without its weights.
 *
 * @param odd the block that is wider
 */
export function longNetwork(blocks: number, odd: number): Uint8Array {
  const graph = createStructure('absent');
  const channels = 8;
  let tensor = graph.input('image', [1, channels, 16, 16]);
  for (let index = 0; index < blocks; index++) {
    const name = `/trunk/part${Math.floor(index / 100)}/block${index}`;
    const wide = index === odd ? 6 * channels : 4 * channels;
    tensor = invertedBlock(graph, { name, input: tensor, from: channels, wide, to: channels, stride: 1 });
  }
  graph.output(tensor, [1, channels, 16, 16]);
  return graph.encode(17);
}

const [width, heads, inner, sequence, vocabulary] = [768, 12, 3072, 128, 30522];

/**
 * BERT base (arXiv:1810.04805), without its weights: nobody should have to load them to read a report.
 *
 * @param odd the block whose activation is another one
 */
export function bertBase({ blocks = 12, odd = -1 } = {}): Uint8Array {
  const graph = createStructure('absent');
  const ids = graph.input('input_ids', [1, sequence], 'int64');
  const table = graph.weight('embeddings.word_embeddings.weight', [vocabulary, width]);
  const words = graph.node({ op: 'Gather', name: '/embeddings/word_embeddings/Gather', inputs: [table, ids] });
  const positions = graph.weight('embeddings.position_embeddings', [1, sequence, width]);
  const sum = graph.node({ op: 'Add', name: '/embeddings/Add', inputs: [words, positions] });
  let tensor = normalization(graph, '/embeddings/LayerNorm', sum);
  graph.integers('to_heads', [1, sequence, heads, width / heads]);
  graph.integers('from_heads', [1, sequence, width]);
  for (let index = 0; index < blocks; index++) {
    tensor = encoderBlock(
      graph,
      { name: `/encoder/layer.${index}`, activation: index === odd ? 'Tanh' : 'Gelu' },
      tensor,
    );
  }
  graph.output(tensor, [1, sequence, width]);
  return graph.encode();
}

function normalization(graph: Structure, name: string, input: string): string {
  const key = name.slice(1).replaceAll('/', '.');
  const weights = [graph.weight(`${key}.weight`, [width]), graph.weight(`${key}.bias`, [width])];
  return graph.node({
    ...{ op: 'LayerNormalization', name: `${name}/LayerNormalization`, inputs: [input, ...weights] },
    attributes: { axis: -1 },
  });
}

function linear(graph: Structure, name: string, input: string, [from, to]: readonly [number, number]): string {
  const key = name.slice(1).replaceAll('/', '.');
  const product = graph.node({
    ...{ op: 'MatMul', name: `${name}/MatMul`, inputs: [input, graph.weight(`${key}.weight`, [from, to])] },
  });
  return graph.node({ op: 'Add', name: `${name}/Add`, inputs: [graph.weight(`${key}.bias`, [to]), product] });
}

interface EncoderBlock {
  readonly name: string;
  readonly activation: 'Gelu' | 'Tanh';
}

function encoderBlock(graph: Structure, { name, activation }: EncoderBlock, input: string): string {
  const attention = `${name}/attention/self`;
  const headsOf = (part: string, order: readonly number[]): string => {
    const projected = linear(graph, `${attention}/${part}`, input, [width, width]);
    const split = graph.node({ op: 'Reshape', name: `${attention}/${part}/Reshape`, inputs: [projected, 'to_heads'] });
    return graph.node({
      ...{ op: 'Transpose', name: `${attention}/${part}/Transpose`, inputs: [split], attributes: { perm: order } },
    });
  };
  const [query, key, value] = [
    headsOf('query', [0, 2, 1, 3]),
    headsOf('key', [0, 2, 3, 1]),
    headsOf('value', [0, 2, 1, 3]),
  ];
  const scores = graph.node({ op: 'MatMul', name: `${attention}/MatMul`, inputs: [query, key] });
  const shares = graph.node({
    ...{ op: 'Softmax', name: `${attention}/Softmax`, inputs: [scores], attributes: { axis: -1 } },
  });
  const mixed = graph.node({ op: 'MatMul', name: `${attention}/MatMul_1`, inputs: [shares, value] });
  const ordered = graph.node({
    ...{ op: 'Transpose', name: `${attention}/Transpose`, inputs: [mixed], attributes: { perm: [0, 2, 1, 3] } },
  });
  const joined = graph.node({ op: 'Reshape', name: `${attention}/Reshape`, inputs: [ordered, 'from_heads'] });
  const output = linear(graph, `${name}/attention/output/dense`, joined, [width, width]);
  const attended = graph.node({ op: 'Add', name: `${name}/attention/output/Add`, inputs: [output, input] });
  const middle = normalization(graph, `${name}/attention/output/LayerNorm`, attended);
  const grown = linear(graph, `${name}/intermediate/dense`, middle, [width, inner]);
  const active = graph.node({
    ...{ op: activation, name: `${name}/intermediate/act/${activation}`, inputs: [grown] },
  });
  const shrunk = linear(graph, `${name}/output/dense`, active, [inner, width]);
  return normalization(
    graph,
    `${name}/output/LayerNorm`,
    graph.node({ op: 'Add', name: `${name}/output/Add`, inputs: [shrunk, middle] }),
  );
}
