// MACs of transformers against the closed formula of each: products counted by hand, not by the loops of the program.
import { describe, expect, test } from 'vitest';
import { inferModel, prepare } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import { compile } from '../../src/schedule/compile.ts';
import { DataType, readGraph } from '../formats/models.ts';
import { toyCpu } from '../schedule/toy-targets.ts';
import * as build from './transformer-graphs.ts';

const sizes: build.Sizes = { hidden: 32, heads: 4, inner: 128, layers: 2 };
const { hidden: H, inner: F, layers: L, heads } = sizes;
const words = 100;

function read(builder: build.Builder) {
  return readGraph(builder.graph, build.bothDomains);
}

/** MACs as inspect counts them, and as the schedule does. */
function macsOf(builder: build.Builder, dims: Readonly<Record<string, number>>): number {
  const model = read(builder);
  const bindings = { dims: new Map(Object.entries(dims)), inputs: new Map() };
  const { macs } = inspectDocument(inferModel(model, bindings), 'm.onnx').model;
  expect(compile(prepare(model, bindings), toyCpu).sizes.macs).toBe(macs);
  return macs!;
}

/** Shapes of the outputs, symbols kept. */
function outputsOf(builder: build.Builder) {
  const document = inspectDocument(inferModel(read(builder), { dims: new Map(), inputs: new Map() }), 'm.onnx');
  return document.outputs.map(({ shape }) => shape);
}

/** Per layer of n tokens that see `keys` tokens: four projections, two products of attention, two of the feed-forward. */
const layerMacs = (n: number, keys: number): number => 4 * n * H * H + 2 * n * keys * H + 2 * n * H * F;

describe('an encoder (BERT)', () => {
  const builder = build.newBuilder();
  let state = build.embed(builder, build.input(builder, 'ids', ['batch', 'sequence'], DataType.INT64), words, H);
  for (let layer = 0; layer < L; layer++) {
    state = build.feedForward(builder, build.attentionBlock(builder, state, state, sizes), sizes);
  }
  build.output(builder, state);

  test('2·layers·(…) for each sequence', () => {
    expect(macsOf(builder, { batch: 3, sequence: 7 })).toBe(3 * L * layerMacs(7, 7));
  });

  test('symbols reach the output', () => {
    expect(outputsOf(builder)).toEqual([['batch', 'sequence', H]]);
  });
});

/** Queries, keys and values in one product, split; keys and values behind those of the past. */
function decoder(past: boolean): build.Builder {
  const builder = build.newBuilder();
  let state = build.embed(builder, build.input(builder, 'ids', ['batch', 'sequence'], DataType.INT64), words, H);
  const present: string[] = [];
  for (let layer = 0; layer < L; layer++) {
    const packed = build.linear(builder, state, [H, 3 * H]);
    const parts = build.nodes(builder, 'Split', [packed, build.integers(builder, [H, H, H])], { axis: -1, outputs: 3 });
    const [query, ...others] = parts.map((part) => build.splitHeads(builder, part, heads, H / heads));
    const [key, value] = others.map((own, position) => {
      if (!past) return own;
      const name = `past.${String(layer)}.${String(position)}`;
      const before = build.input(builder, name, ['batch', heads, 'past', H / heads], DataType.FLOAT);
      return build.node(builder, 'Concat', [before, own], { axis: 2 });
    });
    present.push(key!, value!);
    const attended = build.linear(builder, build.attend(builder, [query!, key!, value!], H), [H, H]);
    state = build.feedForward(builder, build.node(builder, 'Add', [state, attended]), sizes);
  }
  build.output(builder, build.node(builder, 'MatMul', [state, build.weight(builder, [H, words])]), ...present);
  return builder;
}

describe('a decoder (GPT-2)', () => {
  test('without a cache: all tokens see all, and each is scored against all words', () => {
    const macs = L * layerMacs(7, 7) + 7 * H * words;
    expect(macsOf(decoder(false), { batch: 1, sequence: 7 })).toBe(macs);
  });

  test('with a cache: the new tokens see the old ones too', () => {
    const macs = L * layerMacs(1, 12) + H * words;
    expect(macsOf(decoder(true), { batch: 1, sequence: 1, past: 11 })).toBe(macs);
  });

  test('the cache grows by the new tokens, in symbols', () => {
    const cache = ['batch', heads, 'past+sequence', H / heads];
    expect(outputsOf(decoder(true))).toEqual([
      ['batch', 'sequence', words],
      ...Array.from({ length: 2 * L }, () => cache),
    ]);
  });
});

test('an image in patches (ViT): a convolution, a class token, an encoder, a classifier', () => {
  const [image, patch, classes] = [64, 16, 10];
  const builder = build.newBuilder();
  const pixels = build.input(builder, 'pixels', ['batch', 3, image, image], DataType.FLOAT);
  const filters = build.weight(builder, [H, 3, patch, patch]);
  const patches = build.node(builder, 'Conv', [pixels, filters], {
    ...{ kernel_shape: [patch, patch], strides: [patch, patch] },
  });
  const flat = build.node(builder, 'Reshape', [patches, build.integers(builder, [0, H, -1])]);
  const tokens = build.node(builder, 'Transpose', [flat], { perm: [0, 2, 1] });
  const batch = build.node(builder, 'Gather', [
    ...[build.node(builder, 'Shape', [pixels]), build.integers(builder, [0])],
  ]);
  const shape = build.node(builder, 'Concat', [batch, build.integers(builder, [-1, -1])], { axis: 0 });
  const positive = build.node(builder, 'Abs', [shape]);
  const token = build.node(builder, 'Expand', [build.weight(builder, [1, 1, H]), positive]);
  let state = build.node(builder, 'Concat', [token, tokens], { axis: 1 });
  for (let layer = 0; layer < L; layer++) {
    state = build.feedForward(builder, build.attentionBlock(builder, state, state, sizes), sizes);
  }
  const first = build.node(builder, 'Gather', [state, build.integers(builder, [0], [])], { axis: 1 });
  build.output(builder, build.linear(builder, first, [H, classes]));
  const count = (image / patch) ** 2;
  const macs = count * 3 * patch * patch * H + L * layerMacs(count + 1, count + 1) + H * classes;
  expect(macsOf(builder, { batch: 1 })).toBe(macs);
  expect(outputsOf(builder)).toEqual([['batch', classes]]);
});

describe('speech (Whisper)', () => {
  test('encoder: two convolutions, the second of every other frame, and the layers', () => {
    const [mels, frames] = [20, 50];
    const builder = build.newBuilder();
    const input = build.input(builder, 'mels', ['batch', mels, frames], DataType.FLOAT);
    const convolve = (from: string, channels: number, stride: number) =>
      build.node(builder, 'Conv', [from, build.weight(builder, [H, channels, 3])], {
        ...{ kernel_shape: [3], pads: [1, 1], strides: [stride] },
      });
    const convolved = convolve(convolve(input, mels, 1), H, 2);
    let state = build.node(builder, 'Transpose', [convolved], { perm: [0, 2, 1] });
    for (let layer = 0; layer < L; layer++) {
      state = build.feedForward(builder, build.attentionBlock(builder, state, state, sizes), sizes);
    }
    build.output(builder, state);
    const half = frames / 2;
    const macs = frames * mels * 3 * H + half * H * 3 * H + L * layerMacs(half, half);
    expect(macsOf(builder, { batch: 1 })).toBe(macs);
  });

  test('decoder: attention to itself, then to the states of the encoder', () => {
    const builder = build.newBuilder();
    const ids = build.input(builder, 'ids', ['batch', 'sequence'], DataType.INT64);
    const encoded = build.input(builder, 'encoded', ['batch', 'frames', H], DataType.FLOAT);
    let state = build.embed(builder, ids, words, H);
    for (let layer = 0; layer < L; layer++) {
      state = build.attentionBlock(builder, state, state, sizes);
      state = build.feedForward(builder, build.attentionBlock(builder, state, encoded, sizes), sizes);
    }
    build.output(builder, build.node(builder, 'MatMul', [state, build.weight(builder, [H, words])]));
    const [n, frames] = [5, 25];
    const across = 2 * n * H * H + 2 * frames * H * H + 2 * n * frames * H;
    const macs = L * (layerMacs(n, n) + across) + n * H * words;
    expect(macsOf(builder, { batch: 1, sequence: n, frames })).toBe(macs);
    expect(outputsOf(builder)).toEqual([['batch', 'sequence', words]]);
  });
});

test('a language model of 4 bits as ONNX Runtime writes it', () => {
  const [keyHeads, block] = [2, 16];
  const keyValue = (H / heads) * keyHeads;
  const builder = build.newBuilder();
  const ids = build.input(builder, 'ids', ['batch', 'sequence'], DataType.INT64);
  const lengths = build.input(builder, 'lengths', ['batch'], DataType.INT32);
  const total = build.input(builder, 'total', [], DataType.INT32);
  let state = build.embed(builder, ids, words, H);
  builder.domain.current = 'com.microsoft';
  const packed = (from: string, K: number, N: number) => {
    const blocks = K / block;
    const data = build.weight(builder, [N, blocks, block / 2], DataType.UINT8);
    const scales = build.weight(builder, [N * blocks]);
    return build.node(builder, 'MatMulNBits', [from, data, scales], { K, N, bits: 4, block_size: block });
  };
  const caches: string[] = [];
  for (let layer = 0; layer < L; layer++) {
    const past = ['key', 'value'].map((kind) =>
      build.input(builder, `past.${String(layer)}.${kind}`, ['batch', keyHeads, 'past', H / heads], DataType.FLOAT),
    );
    const operands = [packed(state, H, H), packed(state, H, keyValue), packed(state, H, keyValue)];
    const [attended, key, value] = build.nodes(builder, 'GroupQueryAttention', [...operands, ...past, lengths, total], {
      ...{ num_heads: heads, kv_num_heads: keyHeads, outputs: 3 },
    });
    caches.push(key!, value!);
    const scale = build.weight(builder, [H]);
    state = build.node(builder, 'SkipSimplifiedLayerNormalization', [state, packed(attended!, H, H), scale]);
    const gate = build.node(builder, 'QuickGelu', [packed(state, H, F)]);
    const up = packed(state, H, F);
    builder.domain.current = '';
    const gated = build.node(builder, 'Mul', [gate, up]);
    builder.domain.current = 'com.microsoft';
    state = packed(gated, F, H);
  }
  build.output(builder, packed(state, H, words), ...caches);
  const [n, past] = [1, 11];
  const attention = 2 * n * H * H + 2 * n * H * keyValue + 2 * n * (past + n) * H;
  const macs = L * (attention + 3 * n * H * F) + n * H * words;
  expect(macsOf(builder, { batch: 1, sequence: n, past })).toBe(macs);
});
