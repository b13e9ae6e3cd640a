import { describe, expect, test } from 'vitest';
import { prepare } from '../../src/passes/index.ts';
import { alignColumns, visible } from '../../src/schedule/columns.ts';
import { compile } from '../../src/schedule/compile.ts';
import { scheduleDocument } from '../../src/schedule/document.ts';
import { printSchedule } from '../../src/schedule/print.ts';
import { fixture } from '../formats/models.ts';
import { expectGolden } from '../golden.ts';
import { node, prepared } from './models.ts';
import { toyCpu, toyNpu, toySingleCut } from './toy-targets.ts';

const scheduleOf = (name: string, target = toyCpu) =>
  compile(prepare(fixture(name.includes('.') ? name : `${name}.onnx`), { dims: new Map(), inputs: new Map() }), target);

describe('a schedule as text', () => {
  test.each([
    ['cnn-residual', toyCpu],
    ['detector-cubic', toyNpu],
    ['detector-cubic', toySingleCut],
    ['cnn-qdq-lost', toyNpu],
    ['cnn-int8.tflite', toyNpu],
    ['control.tflite', toyCpu],
  ])('%s', (name, target) => {
    expectGolden(
      printSchedule(scheduleOf(name, target)),
      `schedule/${name}-${target.variant === 'single-cut' ? 'single-cut' : target.hardware}.txt`,
    );
  });

  test('says what was not counted, what repeats, and what crosses the link', () => {
    const given = prepared({
      inputs: { x: ['float32', 1, 8] },
      nodes: [node('Exp', ['x'], 'a'), { op: 'Foo', domain: 'com.example', in: ['a'], out: ['y'] }],
      outputs: ['y'],
    });
    const nodes = given.graph.nodes.map((one) => (one.id === 'a' ? { ...one, repetitions: 3 } : one));
    const target = { ...toyNpu, plan: { ...toyNpu.plan, hostLink: 'flash' } };
    const text = printSchedule(compile({ ...given, graph: { ...given.graph, nodes } }, target));
    expect(text).toContain(' a ×3 ');
    expect(text).toContain('#0 on cpu: `Exp` is not supported');
    expect(text).toContain('unknown operator, not counted: com.example.Foo (1)');
  });

  test('no name from a file reaches the terminal as a control sequence', () => {
    const name = 'evil\u001b[2J\u202e\n\u0007';
    const given = prepared({ inputs: { x: ['float32', 4] }, nodes: [node('Exp', ['x'], name)], outputs: [name] });
    const text = printSchedule(compile(given, toyCpu));
    expect(text).toContain('evil�[2J���');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
  });

  test('nor does the name of an operator in the reason why it fell back', () => {
    const given = prepared({
      inputs: { x: ['float32', 1, 8] },
      nodes: [{ op: 'Evil\u001b[2J\n::error::\u009b', domain: 'com.example', in: ['x'], out: ['y'] }],
      outputs: ['y'],
    });
    const text = printSchedule(compile(given, toyNpu));
    expect(text).toContain(
      '#0 on cpu: `com.example.Evil\ufffd[2J\ufffd::error::\ufffd`: unknown operator: not counted',
    );
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(text).not.toMatch(/^::/m);
  });
});

describe('columns', () => {
  test('are as wide as their widest cell', () => {
    const columns = [
      { title: 'name', align: 'left' },
      { title: 'n', align: 'right' },
    ] as const;
    expect(
      alignColumns(columns, [
        ['a', '100'],
        ['longer', '2'],
      ]),
    ).toEqual(['name      n', 'a       100', 'longer    2']);
  });

  test('keep both ends of a long name', () => {
    expect(visible(`${'a'.repeat(100)}end`)).toBe(`${'a'.repeat(29)}…${'a'.repeat(26)}end`);
    expect(visible('x'.repeat(1e6))).toHaveLength(59);
  });
});

describe('a schedule as JSON', () => {
  const document = scheduleDocument(scheduleOf('detector-cubic', toyNpu), 'models/detector.onnx');

  test('survives being written and read', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  test('has the keys of its version', () => {
    expect(Object.keys(document)).toEqual([
      'schema',
      'model',
      'target',
      'assumptions',
      'unknownOperators',
      'coverage',
      'sizes',
      'constantNodes',
      'kernels',
      'arenas',
    ]);
    expect(document).toMatchObject({
      schema: 'model-budget/compile@1',
      model: { path: 'models/detector.onnx' },
      target: { id: 'toy-npu', status: 'estimate', runtime: 'toy 1.0', clockHertz: 1e8 },
      coverage: { nodes: 1 },
    });
    expect(document.kernels[0]).toMatchObject({ op: 'Conv', dtype: 'int8', unit: 'npu', fallback: null });
  });
});
