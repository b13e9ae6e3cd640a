/** What becomes part of a convolution when a file is read, as runtimes fold it when they load one. */
import { describe, expect, test } from 'vitest';
import { prepared, type NodeGiven, type Tensor } from '../schedule/models.ts';

const conv: NodeGiven = { op: 'Conv', in: ['x', 'w'], out: ['a'] };
const factor: NodeGiven = { op: 'Mul', in: ['a', 'scale'], out: ['m'] };
const shift: NodeGiven = { op: 'Add', in: ['m', 'shift'], out: ['s'] };
const relu = (from: string): NodeGiven => ({ op: 'Relu', in: [from], out: ['y'] });

function operatorsOf(nodes: readonly NodeGiven[], constants: Readonly<Record<string, Tensor>> = {}) {
  const { graph } = prepared({
    inputs: { x: ['float32', 1, 3, 8, 8] },
    constants: {
      w: ['float32', 4, 3, 3, 3],
      bias: ['float32', 4],
      scale: ['float32', 1, 4, 1, 1],
      shift: ['float32', 4, 1, 1],
      ...constants,
    },
    nodes,
    outputs: ['y'],
  });
  return graph;
}

const spelled = (nodes: readonly NodeGiven[], constants?: Readonly<Record<string, Tensor>>) =>
  operatorsOf(nodes, constants).nodes.map(({ operator, inputs }) => `${operator} of ${inputs.length}`);

describe('behind a convolution', () => {
  test('a factor and a summand for each channel, as TensorFlow spells a normalization, leave a bias', () => {
    const graph = operatorsOf([conv, factor, shift, relu('s')]);
    const [first] = graph.nodes;
    expect(graph.nodes.map(({ operator }) => operator)).toEqual(['Conv', 'Relu']);
    expect(first).toMatchObject({ inputs: ['x', 'w', 's/bias'], outputs: ['s'], sources: ['a', 'm', 's'] });
    expect(graph.initializers.get('s/bias')).toMatchObject({ shape: [4], foldedFrom: ['shift'] });
  });

  test('a bias that is scaled and moved comes from all three', () => {
    const graph = operatorsOf([{ ...conv, in: ['x', 'w', 'bias'] }, factor, shift, relu('s')]);
    expect(graph.initializers.get('s/bias')?.foldedFrom).toEqual(['bias', 'scale', 'shift']);
  });

  test('a factor alone leaves no bias, one for all channels neither', () => {
    expect(spelled([conv, factor, relu('m')])).toEqual(['Conv of 2', 'Relu of 1']);
    expect(spelled([conv, factor, relu('m')], { scale: ['float32'] })).toEqual(['Conv of 2', 'Relu of 1']);
  });

  test.each<[string, readonly NodeGiven[], Readonly<Record<string, Tensor>>?]>([
    [
      'a summand alone is a bias, which targets fuse by their own rules',
      [conv, { ...shift, in: ['a', 'shift'] }, relu('s')],
    ],
    ['a factor for each column', [conv, factor, relu('m')], { scale: ['float32', 6] }],
    ['a factor for each place', [conv, factor, relu('m')], { scale: ['float32', 1, 4, 6, 6] }],
    ['a factor of more axes', [conv, factor, relu('m')], { scale: ['float32', 1, 1, 4, 1, 1] }],
    ['a factor that the model computes', [conv, { ...factor, in: ['a', 'a'] }, relu('m')]],
    ['what another reads, too', [conv, factor, { op: 'Add', in: ['m', 'a'], out: ['s'] }, relu('s')]],
    [
      'what is no convolution',
      [{ op: 'Relu', in: ['x'], out: ['a'] }, factor, relu('m')],
      { scale: ['float32', 3, 1, 1] },
    ],
  ])('%s stays', (_what, nodes, constants) => {
    expect(spelled(nodes, constants)).toHaveLength(nodes.length);
  });
});
