/** What becomes part of a convolution when a file is read, as runtimes fold it when they load one. */
import { describe, expect, test } from 'vitest';
import { prepared, type NodeGiven, type Tensor } from '../schedule/models.ts';

const conv: NodeGiven = { op: 'Conv', in: ['x', 'w'], out: ['a'] };
const factor: NodeGiven = { op: 'Mul', in: ['a', 'scale'], out: ['m'] };
const shift: NodeGiven = { op: 'Add', in: ['m', 'shift'], out: ['s'] };
const relu = (from: string): NodeGiven => ({ op: 'Relu', in: [from], out: ['y'] });

interface Around {
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly outputs?: readonly string[];
  /** Of four elements, beside the image. */
  readonly inputs?: readonly string[];
}

function graphOf(nodes: readonly NodeGiven[], { constants = {}, outputs = ['y'], inputs = [] }: Around = {}) {
  const others = inputs.map((name) => [name, ['float32', 4] as const] as const);
  return prepared({
    inputs: { x: ['float32', 1, 3, 8, 8], ...Object.fromEntries(others) },
    constants: {
      w: ['float32', 4, 3, 3, 3],
      bias: ['float32', 4],
      scale: ['float32', 1, 4, 1, 1],
      shift: ['float32', 4, 1, 1],
      ...{ q: ['int8', 4, 3, 3, 3], step: ['float32'] },
      ...constants,
    },
    nodes,
    outputs,
  }).graph;
}

const spelled = (nodes: readonly NodeGiven[], constants: Readonly<Record<string, Tensor>> = {}) =>
  graphOf(nodes, { constants }).nodes.map(({ operator, inputs }) => `${operator} of ${inputs.length}`);

describe('behind a convolution', () => {
  test('a factor and a summand for each channel, as TensorFlow spells a normalization, leave a bias', () => {
    const graph = graphOf([conv, factor, shift, relu('s')]);
    const [first] = graph.nodes;
    expect(graph.nodes.map(({ operator }) => operator)).toEqual(['Conv', 'Relu']);
    expect(first).toMatchObject({ inputs: ['x', 'w', 's/bias'], outputs: ['s'], sources: ['a', 'm', 's'] });
    expect(graph.initializers.get('s/bias')).toMatchObject({ dtype: 'float32', shape: [4], foldedFrom: ['shift'] });
  });

  test('a bias that is scaled and moved comes from all three', () => {
    const graph = graphOf([{ ...conv, in: ['x', 'w', 'bias'] }, factor, shift, relu('s')]);
    expect(graph.initializers.get('s/bias')?.foldedFrom).toEqual(['bias', 'scale', 'shift']);
  });

  test('a factor alone leaves no bias, one for all channels neither', () => {
    expect(spelled([conv, factor, relu('m')])).toEqual(['Conv of 2', 'Relu of 1']);
    expect(spelled([conv, factor, relu('m')], { scale: ['float32'] })).toEqual(['Conv of 2', 'Relu of 1']);
  });

  test('a depthwise one, a constant on the left, and a factor that two share are folded as well', () => {
    const depthwise: NodeGiven = { ...conv, attributes: { group: 3 } };
    const constants = { w: ['float32', 3, 1, 3, 3], scale: ['float32', 3, 1, 1] } as const;
    const turned: NodeGiven = { ...factor, in: ['scale', 'a'] };
    expect(spelled([depthwise, turned, relu('m')], constants)).toEqual(['Conv of 2', 'Relu of 1']);
    const second: NodeGiven = { op: 'Conv', in: ['x', 'w'], out: ['b'] };
    const both = [conv, factor, second, { op: 'Mul', in: ['b', 'scale'], out: ['n'] }];
    const sum: NodeGiven = { op: 'Add', in: ['m', 'n'], out: ['y'] };
    expect(spelled([...both, sum])).toEqual(['Conv of 2', 'Conv of 2', 'Add of 2']);
  });

  test('a normalization is one, with what follows it left alone', () => {
    const names = ['g', 'b', 'mean', 'var'];
    const constants = Object.fromEntries(names.map((name) => [name, ['float32', 4] as const]));
    const norm: NodeGiven = { op: 'BatchNormalization', in: ['a', ...names], out: ['n'] };
    const graph = graphOf([conv, norm, { ...factor, in: ['n', 'scale'] }, relu('m')], { constants });
    expect(graph.nodes.map(({ operator }) => operator)).toEqual(['Conv', 'Mul', 'Relu']);
    expect(graph.initializers.get('n/bias')).toMatchObject({ dtype: 'float32', foldedFrom: names });
  });

  const factored = [conv, factor, relu('m')];
  const withScale = (...shape: number[]): Around => ({ constants: { scale: ['float32', ...shape] } });
  /** Its weights are constant, and keep their integers. */
  const dequantized: NodeGiven = { op: 'DequantizeLinear', in: ['q', 'step'], out: ['f'] };

  test.each<{ what: string; nodes: readonly NodeGiven[]; around?: Around }>([
    { what: 'a summand alone, a bias for the targets,', nodes: [conv, { ...shift, in: ['a', 'shift'] }, relu('s')] },
    { what: 'a factor for each column', nodes: factored, around: withScale(6) },
    { what: 'a factor for each place', nodes: factored, around: withScale(1, 4, 6, 6) },
    { what: 'a factor of more axes', nodes: factored, around: withScale(1, 1, 4, 1, 1) },
    { what: 'a factor of ones for axes, which no runtime folds,', nodes: factored, around: withScale(1, 1, 1) },
    { what: 'a factor of integers', nodes: factored, around: { constants: { scale: ['int32', 4, 1, 1] } } },
    { what: 'what the model gives out', nodes: [conv, { ...factor, out: ['y'] }], around: { outputs: ['a', 'y'] } },
    {
      what: 'a bias that is no constant',
      nodes: [{ ...conv, in: ['x', 'w', 'c'] }, factor, relu('m')],
      around: { inputs: ['c'] },
    },
    { what: 'what has integers for weights', nodes: [dequantized, { ...conv, in: ['x', 'f'] }, factor, relu('m')] },
    { what: 'a factor that the model computes', nodes: [conv, { ...factor, in: ['a', 'a'] }, relu('m')] },
    { what: 'what another reads, too,', nodes: [conv, factor, { op: 'Add', in: ['m', 'a'], out: ['s'] }, relu('s')] },
    {
      what: 'what is no convolution',
      nodes: [{ op: 'Relu', in: ['x'], out: ['a'] }, factor, relu('m')],
      around: withScale(3, 1, 1),
    },
  ])('$what stays', ({ nodes, around }) => {
    const left = graphOf(nodes, around).nodes.map(({ operator }) => operator);
    expect(left).toEqual(nodes.map(({ op }) => op).filter((operator) => operator !== 'DequantizeLinear'));
  });
});
