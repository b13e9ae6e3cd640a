/** An encoder as PyTorch's exporter names it: `/encoder/layer.3/attention/self/query/MatMul`. The weights are not there. */
import { AttributeType, DataLocation, DataType, encodeGraph, type GraphMessage } from '../../formats/models.ts';

type Message<Key extends keyof GraphMessage> = NonNullable<GraphMessage[Key]>[number];

export interface Encoder {
  readonly layers: number;
  readonly hidden: number;
  readonly inner: number;
  readonly tokens: number;
  /** Inner width of one layer that differs. */
  readonly widened?: { readonly layer: number; readonly inner: number };
}

interface Draft {
  readonly node: Message<'node'>[];
  readonly initializer: Message<'initializer'>[];
  readonly encoder: Encoder;
}

export const bertBase: Encoder = { layers: 12, hidden: 768, inner: 3072, tokens: 128 };

export function encoderBytes(encoder: Encoder): Uint8Array {
  const { layers, hidden, tokens } = encoder;
  const draft: Draft = { node: [], initializer: [], encoder };
  let state = normalize(draft, 'bert/embeddings/LayerNorm', 'tokens');
  for (let layer = 0; layer < layers; layer += 1) state = encoderLayer(draft, layer, state);
  const pooled = node(draft, 'bert/pooler/activation', 'Tanh', [
    linear(draft, 'bert/pooler/dense', state, [hidden, hidden]),
  ]);
  const logits = linear(draft, 'classifier', pooled, [hidden, 2]);
  const shape = (...sizes: readonly number[]) => ({
    tensorType: { elemType: DataType.FLOAT, shape: { dim: sizes.map((dimValue) => ({ dimValue })) } },
  });
  return encodeGraph({
    name: 'encoder',
    node: draft.node,
    initializer: draft.initializer,
    input: [{ name: 'tokens', type: shape(1, tokens, hidden) }],
    output: [{ name: logits, type: shape(1, tokens, 2) }],
  });
}

function encoderLayer(draft: Draft, layer: number, state: string): string {
  const { hidden, inner, widened } = draft.encoder;
  const at = `bert/encoder/layer.${layer}`;
  const wide = widened?.layer === layer ? widened.inner : inner;
  const [query, key, value] = ['query', 'key', 'value'].map((name) =>
    linear(draft, `${at}/attention/self/${name}`, state, [hidden, hidden]),
  );
  const turned = node(draft, `${at}/attention/self`, 'Transpose', [key!]);
  const scores = node(draft, `${at}/attention/self`, 'MatMul', [query!, turned]);
  const weights = node(draft, `${at}/attention/self`, 'Softmax', [scores]);
  const seen = node(draft, `${at}/attention/self`, 'MatMul', [weights, value!]);
  const attended = linear(draft, `${at}/attention/output/dense`, seen, [hidden, hidden]);
  const summed = node(draft, `${at}/attention/output`, 'Add', [attended, state]);
  const middle = normalize(draft, `${at}/attention/output/LayerNorm`, summed);
  const grown = linear(draft, `${at}/intermediate/dense`, middle, [hidden, wide]);
  const active = node(draft, `${at}/intermediate/intermediate_act_fn`, 'Gelu', [grown]);
  const shrunk = linear(draft, `${at}/output/dense`, active, [wide, hidden]);
  return normalize(draft, `${at}/output/LayerNorm`, node(draft, `${at}/output`, 'Add', [shrunk, middle]));
}

function linear(draft: Draft, scope: string, from: string, [rows, columns]: readonly [number, number]): string {
  const product = node(draft, scope, 'MatMul', [from, weight(draft, scope, 'weight', [rows, columns])]);
  return node(draft, scope, 'Add', [product, weight(draft, scope, 'bias', [columns])]);
}

function normalize(draft: Draft, scope: string, from: string): string {
  const sizes = [draft.encoder.hidden];
  return node(draft, scope, 'LayerNormalization', [
    from,
    weight(draft, scope, 'weight', sizes),
    weight(draft, scope, 'bias', sizes),
  ]);
}

function node({ node: nodes }: Draft, scope: string, opType: string, input: readonly string[]): string {
  const made = `/${scope}/${opType}_output_${nodes.length}`;
  const perm = { name: 'perm', type: AttributeType.INTS, ints: [0, 2, 1] };
  nodes.push({
    name: `/${scope}/${opType}`,
    opType,
    domain: opType === 'Gelu' ? 'com.microsoft' : '',
    input: [...input],
    output: [made],
    attribute: opType === 'Transpose' ? [perm] : [],
  });
  return made;
}

function weight({ initializer }: Draft, scope: string, name: string, dims: readonly number[]): string {
  const whole = `${scope.replaceAll('/', '.')}.${name}`;
  initializer.push({
    name: whole,
    dims: [...dims],
    dataType: DataType.FLOAT,
    dataLocation: DataLocation.EXTERNAL,
    externalData: [{ key: 'location', value: 'weights.bin' }],
  });
  return whole;
}
