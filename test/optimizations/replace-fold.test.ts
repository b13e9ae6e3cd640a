import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/passes/index.ts';
import { modelOf } from '../schedule/models.ts';
import { edit, noBindings, parametersOf } from './editing.ts';

const activations = modelOf({
  inputs: { x: ['float32', 1, 4, 8, 8] },
  constants: { slope: ['float32', 4, 1, 1] },
  nodes: [
    { op: 'HardSwish', in: ['x'], out: ['a'] },
    { op: 'PRelu', in: ['a', 'slope'], out: ['b'] },
    { op: 'Sigmoid', in: ['b'], out: ['s'] },
    { op: 'Mul', in: ['b', 's'], out: ['y'] },
  ],
  outputs: ['y'],
  overheadBytes: 400,
});

const operators = (text: string) => edit(activations, text).prepared.graph.nodes.map(({ operator }) => operator);

describe('replace', () => {
  it('puts one activation in place of another', () => {
    expect(operators('replace HardSwish:Relu')).toEqual(['Relu', 'PRelu', 'Sigmoid', 'Mul']);
  });

  it('knows what exporters write for one', () => {
    expect(operators('replace SiLU:Relu6')).toEqual(['HardSwish', 'PRelu', 'Clip']);
    const last = edit(activations, 'replace SiLU:Relu6').prepared.graph.nodes.at(-1)!;
    expect(last.sources).toEqual(['y', 's']);
  });

  it('drops slopes with their parameters', () => {
    const { prepared } = edit(activations, 'replace PRelu:Relu');
    expect(parametersOf(prepare(activations, noBindings)) - parametersOf(prepared)).toBe(4);
  });

  it('refuses what does not fit', () => {
    expect(() => operators('replace Relu:PRelu')).toThrow(/PRelu needs slopes/);
    expect(() => operators('replace Relu:Add')).toThrow(/Relu takes one operand and Add takes 2 operands/);
    expect(() => operators('replace Relu:Conv')).toThrow(/`Conv` is no element-wise operator/);
    expect(() => operators('replace HardSwich:Relu')).toThrow(/did you mean "HardSwish"/);
  });
});

describe('fold', () => {
  it('counts nodes and bytes that an exporter left, and says that latency stays', () => {
    const model = modelOf({
      inputs: { x: ['float32', 1, 3, 8, 8] },
      constants: {
        w: ['float32', 4, 3, 3, 3],
        ...{ scale: ['float32', 4], shift: ['float32', 4], mean: ['float32', 4], variance: ['float32', 4] },
      },
      nodes: [
        { op: 'Conv', in: ['x', 'w'], out: ['a'] },
        { op: 'BatchNormalization', in: ['a', 'scale', 'shift', 'mean', 'variance'], out: ['n'] },
        { op: 'Identity', in: ['n'], out: ['i'] },
        { op: 'Relu', in: ['i'], out: ['y'] },
      ],
      outputs: ['y'],
      overheadBytes: 600,
    });
    const given = prepare(model, noBindings);
    const { prepared, steps } = edit(model, 'fold');
    // Four statistics of 4 elements become a bias of 4.
    expect(parametersOf(given) - parametersOf(prepared)).toBe(12);
    expect(prepared.model.files[0]!.byteLength).toBeLessThan(given.model.files[0]!.byteLength - 48);
    expect(prepared.graph.nodes.map(({ sources }) => sources)).toEqual([['a'], ['y']]);
    expect(steps[0]?.remarks[0]).toMatch(/^2 nodes fewer in the file; latency does not move/);
  });

  it('takes a factor and a summand for each channel in', () => {
    const model = modelOf({
      inputs: { x: ['float32', 1, 3, 8, 8] },
      constants: {
        ...{ w: ['float32', 4, 3, 3, 3], v: ['float32', 4, 4, 1, 1] },
        ...{ scale: ['float32', 4, 1, 1], shift: ['float32', 4, 1, 1], factor: ['float32', 4, 1, 1] },
      },
      nodes: [
        { op: 'Conv', in: ['x', 'w'], out: ['a'] },
        { op: 'Mul', in: ['a', 'scale'], out: ['m'] },
        { op: 'Add', in: ['m', 'shift'], out: ['s'] },
        { op: 'Conv', in: ['s', 'v'], out: ['b'] },
        { op: 'Mul', in: ['b', 'factor'], out: ['y'] },
      ],
      outputs: ['y'],
      overheadBytes: 600,
    });
    const given = prepare(model, noBindings);
    const { prepared, steps } = edit(model, 'fold');
    // Three constants of 4 elements become one bias of 4.
    expect(parametersOf(given) - parametersOf(prepared)).toBe(8);
    expect(prepared.model.files[0]!.byteLength).toBeLessThan(given.model.files[0]!.byteLength - 32);
    expect(prepared.graph.nodes.map(({ sources }) => sources)).toEqual([['a'], ['b']]);
    expect(steps[0]?.remarks[0]).toMatch(/^3 nodes fewer in the file/);
  });

  it('finds nothing where there is nothing', () => {
    expect(edit(activations, 'fold').steps[0]?.remarks).toEqual(['there is nothing to fold']);
  });
});
