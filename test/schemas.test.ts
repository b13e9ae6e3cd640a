// The schemas that ship describe what the program really gives: every kind of document, made from a fixture.
import { Ajv, type ValidateFunction } from 'ajv';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { printConfig, parseConfig } from '../src/config.ts';
import { readModel } from '../src/formats/index.ts';
import { bufferSource } from '../src/ir/byte-source.ts';
import { inferModel, prepare } from '../src/passes/index.ts';
import { explainDocument } from '../src/report/explain-document.ts';
import { chooseEdits } from '../src/advise/selection.ts';
import { simulateSubject, whatIf } from '../src/advise/what-if.ts';
import type { Verification } from '../src/measure/verification.ts';
import { parseEdits } from '../src/optimizations/index.ts';
import { optimizeDocument } from '../src/report/optimize-document.ts';
import { errorDocument } from '../src/report/error-document.ts';
import { inspectDocument } from '../src/report/inspect.ts';
import { renderJson } from '../src/report/json.ts';
import { simulationDocument } from '../src/report/simulation-document.ts';
import { compile } from '../src/schedule/compile.ts';
import { scheduleDocument } from '../src/schedule/document.ts';
import { simulate } from '../src/simulate/simulate.ts';
import { reviewPairs, shippedTarget } from './review/input.ts';

const root = join(import.meta.dirname, '..');
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const validators = new Map<string, ValidateFunction>(
  readdirSync(join(root, 'schemas'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => [
      file.replace('.json', ''),
      ajv.compile(JSON.parse(readFileSync(join(root, 'schemas', file), 'utf8')) as object),
    ]),
);

/** As a reader of the JSON sees it: undefined keys are gone, infinities have become null. */
function mistakes(name: string, document: unknown): readonly string[] {
  const validate = validators.get(name)!;
  validate(JSON.parse(JSON.stringify(document)));
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

const modelOf = (name: string) =>
  readModel(new Map([['', bufferSource(readFileSync(join(root, 'fixtures/models', name)))]]), name);
const bindings = { dims: new Map([['sequence', 16]]), inputs: new Map() };
const unbound = { dims: new Map(), inputs: new Map() };

test('there is a schema for every document', () => {
  expect([...validators.keys()].sort()).toEqual([
    ...['compile@1', 'config', 'doctor@1', 'error@1', 'explain@1', 'inspect@1', 'optimize@1', 'report@1', 'simulate@1'],
  ]);
});

describe('documents', () => {
  test.each(['cnn-residual.onnx', 'transformer-block.onnx', 'recurrent-control.onnx', 'cnn-qdq.onnx'])(
    'inspect %s',
    (name) => {
      const model = inferModel(modelOf(name), unbound);
      expect(mistakes('inspect@1', inspectDocument(model, name))).toEqual([]);
    },
  );

  test.each([
    ['transformer-block.onnx', 'rpi4-xnnpack'],
    ['cnn-qdq-lost.onnx', 'ethos-u55-256'],
    ['recurrent-control.onnx', 'stm32l4r5-x-cube-ai'],
  ])('compile and simulate %s on %s', (name, target) => {
    const model = modelOf(name);
    const prepared = prepare(model, name.startsWith('transformer') ? bindings : unbound);
    const schedule = compile(prepared, shippedTarget(target));
    expect(mistakes('compile@1', scheduleDocument(schedule, name))).toEqual([]);
    expect(mistakes('simulate@1', simulationDocument(simulate(schedule), name))).toEqual([]);
  });

  test.each<Verification>([
    { reason: 'the edits change no weights' },
    {
      ...{
        runtime: 'onnxruntime 1.30.0',
        runs: 1,
        inputs: 'random (seed 0)',
        activations: 'not quantized',
        weights: 1,
      },
      integerInputs: [{ name: 'ids', largest: 1 }],
      left: [{ weight: 'w', reason: 'the file holds no plain floats' }],
      outputs: [{ name: 'y', sqnrDecibels: null, cosine: null, reason: '1 element is not finite in the original' }],
    },
  ])('optimize, verified (%#)', (verification) => {
    const subject = { prepared: prepare(modelOf('cnn-residual.onnx'), unbound), bindings: unbound };
    const base = simulateSubject(subject, shippedTarget('rpi4-xnnpack'));
    const result = whatIf(subject, base, chooseEdits(parseEdits('int8'), base));
    const advice = { edits: 'int8', whatIf: result, budgets: [], errors: new Map(), found: [], front: [] };
    expect(mistakes('optimize@1', optimizeDocument(advice, 'm.onnx', verification))).toEqual([]);
  });

  test('diff, with everything that can go wrong in it', () => {
    const config = `budgets:
- { metric: latency, max: 1 ms, maxIncrease: 5%, reason: "it is the frame time" }
- { metric: size, max: 1 B }
- { metric: latency, max: 1 ms, layer: "no/*" }`;
    const report = reviewPairs(
      [
        { base: 'cnn-residual.onnx', head: 'cnn-residual-wide.onnx', path: 'a.onnx' },
        { base: 'detector-nearest.onnx', head: 'detector-cubic.onnx', path: 'b.onnx', previousPath: 'c.onnx' },
        { base: null, head: 'cnn-qdq.onnx', path: 'd.onnx' },
        { base: 'cnn-qdq.onnx', head: null, path: 'e.onnx' },
        { base: 'cnn-qdq.onnx', head: { error: 'gone' }, path: 'f.onnx' },
      ],
      { config, targets: ['ethos-u55-256', 'rpi4-xnnpack'] },
    );
    expect(mistakes('report@1', report)).toEqual([]);
    expect(mistakes('report@1', JSON.parse(renderJson(report)))).toEqual([]);
    expect(mistakes('explain@1', explainDocument(report, '*conv*'))).toEqual([]);
  });

  test('error', () => {
    expect(mistakes('error@1', errorDocument('a.onnx', 'no such file'))).toEqual([]);
  });

  test('config, as written and as resolved', () => {
    const text = 'version: 1\nbudgets:\n- { metric: macs, max: 300, maxIncrease: 5% }\ncomment: { when: never }\n';
    expect(mistakes('config', parse(text))).toEqual([]);
    expect(mistakes('config', parse(printConfig(parseConfig(text, 'config.yml')).text))).toEqual([]);
  });
});

test('a schema refuses what is not its document', () => {
  expect(mistakes('error@1', { schema: 'model-budget/error@1', path: 'a' })).toEqual([
    " must have required property 'message'",
  ]);
  expect(mistakes('error@1', { ...errorDocument('a', 'b'), more: 1 })).toEqual([
    ' must NOT have additional properties',
  ]);
  expect(mistakes('config', { budgets: [{ metric: 'speed' }] })).toEqual([
    '/budgets/0/metric must be equal to one of the allowed values',
  ]);
});
