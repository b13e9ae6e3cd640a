// Files can hold any node: wrong numbers of inputs, ranks, attributes of any kind. An entry answers, it never throws.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { symbol, unknown } from '../../src/ir/dimension.ts';
import type { Dimension } from '../../src/ir/dimension.ts';
import type { Attribute, TensorType, TensorValue } from '../../src/ir/graph.ts';
import { operators, workOf } from '../../src/operators/index.ts';
import type { InferenceContext, Operator } from '../../src/operators/operator.ts';
import { numericShape } from '../../src/operators/type.ts';
import { tensorValue } from '../../src/operators/value.ts';

const attributeNames =
  'axes axis kernel_shape strides pads dilations group auto_pad output_shape output_padding perm to keepdims equation ' +
  'num_heads kv_num_heads q_num_heads hidden_size direction layout blocksize scales mode split num_outputs channels_last ' +
  'transA transB K N bits block_size qkv_hidden_sizes onesided starts ends value value_ints shape dtype sizes';

const integer = fc.oneof(
  fc.integer({ min: -3, max: 6 }),
  fc.constantFrom(0, -1, 2 ** 31, -(2 ** 63), 2 ** 63, Number.MAX_SAFE_INTEGER),
);

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  integer.map((value): Attribute => ({ kind: 'int', value })),
  fc.array(integer, { maxLength: 5 }).map((values): Attribute => ({ kind: 'ints', values })),
  fc.double().map((value): Attribute => ({ kind: 'float', value })),
  fc.array(fc.double(), { maxLength: 4 }).map((values): Attribute => ({ kind: 'floats', values })),
  fc
    .constantFrom('', 'SAME_UPPER', 'VALID', 'bidirectional', 'ij,jk->ik', '...i,i...->...', 'a->->b', '__proto__')
    .map((value): Attribute => ({ kind: 'string', value })),
);

const attributes = fc.dictionary(fc.constantFrom(...attributeNames.split(' ')), attribute, { maxKeys: 6 });

const dimension: fc.Arbitrary<Dimension> = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.constantFrom<Dimension>(2 ** 31, symbol('h'), symbol('batch'), unknown('no reason')),
);

const tensorType: fc.Arbitrary<TensorType | undefined> = fc.option(
  fc.record({
    dtype: fc.constantFrom('float32', 'int64', 'uint8', 'bool', 'string', null),
    shape: fc.option(fc.array(dimension, { maxLength: 5 })),
  }),
  { nil: undefined },
);

/** A value for small operands of a known type, of numbers and symbols. */
function valueOf(type: TensorType | undefined, seed: number): TensorValue | undefined {
  const shape = numericShape(type?.shape);
  const size = shape?.reduce((product, length) => product * length, 1) ?? 0;
  if (!type?.dtype || shape === undefined || size > 64 || seed % 3 === 0) return undefined;
  const element = (index: number) => ((index + seed) % 5 === 4 ? symbol('h') : ((index + seed) % 7) - 2);
  return tensorValue(
    type.dtype,
    shape,
    Array.from({ length: size }, (_, index) => element(index)),
  );
}

const context: fc.Arbitrary<Omit<InferenceContext, 'node'> & { attributes: Record<string, Attribute> }> = fc
  .record({ inputs: fc.array(tensorType, { maxLength: 6 }), attributes, seed: fc.nat(100) })
  .map((given) => ({
    inputs: given.inputs,
    values: given.inputs.map((type, position) => valueOf(type, given.seed + position)),
    constant: given.inputs.map((_, position) => position % 2 === 1),
    attributes: given.attributes,
    inferBody: () => ({ outputs: [], values: [] }),
  }));

function ask(operator: Operator, given: Omit<InferenceContext, 'node'> & { attributes: Record<string, Attribute> }) {
  const node = {
    id: 'node',
    name: 'node',
    operator: operator.name,
    domain: operator.domain,
    version: 6 + (given.inputs.length % 3) * 8,
    inputs: given.inputs.map((_, position) => `input${position}`),
    outputs: ['a', 'b', 'c'],
    attributes: new Map(Object.entries(given.attributes)),
    sources: ['node'],
    repetitions: 1,
    metadata: new Map<string, string>(),
  };
  const typed: InferenceContext = { ...given, node };
  const types = operator.infer(typed);
  const values = operator.evaluate?.(typed) ?? [];
  const work = workOf(typed, types);
  return { types, values, work };
}

test.each(operators.map((operator) => [`${operator.domain}:${operator.name}`, operator] as const))(
  '%s answers for any node',
  (_, operator) => {
    fc.assert(
      fc.property(context, (given) => {
        const { types, values, work } = ask(operator, given);
        for (const value of values)
          if (value) expect(value.elements.length).toBe(value.shape.reduce((a, b) => a * b, 1));
        expect(types.every((type) => type.shape === null || type.shape.length <= 4096)).toBe(true);
        expect(Array.isArray(work.nests)).toBe(true);
      }),
      { numRuns: 60, seed: 1 },
    );
  },
);
