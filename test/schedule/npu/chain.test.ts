// Chains as Arm's compiler forms them: at most four operations, three feature maps that are read, one reader each.
import { expect, test } from 'vitest';
import { chainOperations } from '../../../src/schedule/npu/ethos-u85/chain.ts';
import type { Connection, NpuOperation, NpuOperator, NpuTensor } from '../../../src/schedule/npu/operation.ts';
import { unitFilter } from '../../../src/schedule/npu/operation.ts';

const shape = { height: 8, width: 8, depth: 16 };
const tensor = (name: string, graphOutput = false): NpuTensor => ({
  ...{ name, bits: 8, constant: false, graphInput: false, graphOutput },
});
const map = (of: NpuTensor): Connection => ({ tensor: of, shape });

function operation(operator: NpuOperator, inputs: readonly NpuTensor[], output: NpuTensor): NpuOperation {
  const [first, second] = inputs.map(map);
  return {
    ...{ name: output.name, kernel: 0, operator, output: map(output), filter: unitFilter, resampling: 'none' },
    ...{
      activation: 'none',
      tableBytes: 0,
      weights: null,
      scaled: true,
      onProcessor: false,
      joined: false,
      follows: false,
    },
    inputs: second === undefined ? [first!] : [first!, second],
  };
}

const [input, skip, product, sum, other] = ['input', 'skip', 'product', 'sum', 'other'].map((name) => tensor(name));
const convolution = operation('Conv2D', [input!], product!);
const addition = operation('Add', [skip!, product!], sum!);

test('an addition behind a convolution takes its result as it comes', () => {
  const [chain, ...others] = chainOperations([convolution, addition]);
  expect(others).toEqual([]);
  expect(chain?.output.tensor).toBe(sum);
  expect(chain?.chained?.map(({ operator, sideInput }) => [operator, sideInput?.tensor.name])).toEqual([
    ['Add', 'skip'],
  ]);
});

test('a result that is read twice is stored', () => {
  const reader = operation('MaxPool', [product!], other!);
  expect(chainOperations([convolution, addition, reader])).toHaveLength(3);
});

test('a result of the model is stored', () => {
  const result = tensor('product', true);
  const chained = chainOperations([operation('Conv2D', [input!], result), operation('Add', [skip!, result], sum!)]);
  expect(chained).toHaveLength(2);
});

test('a table behind it becomes part of what is in front', () => {
  const table = { ...operation('Activation', [product!], other!), tableBytes: 256 };
  const [fused, ...others] = chainOperations([convolution, table]);
  expect(others).toEqual([]);
  expect(fused).toMatchObject({ operator: 'Conv2D', activation: 'lookup', tableBytes: 256 });
});

test('no more than four operations and three operands from memory', () => {
  const names = ['a', 'b', 'c', 'd'].map((name) => tensor(name));
  let before = product!;
  const additions = names.map((side) => {
    const result = tensor(`${side.name}-sum`);
    const step = operation('Add', [side, before], result);
    before = result;
    return step;
  });
  // The convolution reads one, two additions one each: the third addition begins a new chain.
  const chains = chainOperations([convolution, ...additions]);
  expect(chains.map(({ chained }) => chained?.length ?? 0)).toEqual([2, 1]);
});
