/** The texts of `inspect`, `simulate` and `targets`, on a model of the fixtures and a target of round numbers. */
import { describe, expect, test } from 'vitest';
import { openFile } from '../../src/files/file-source.ts';
import { readModel } from '../../src/formats/index.ts';
import type { Model } from '../../src/ir/graph.ts';
import { inferModel, prepare } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import { inspectText } from '../../src/report/inspect-text.ts';
import { simulationDocument } from '../../src/report/simulation-document.ts';
import { simulationText } from '../../src/report/simulation-text.ts';
import { targetDocument, targetListText, targetText } from '../../src/report/targets.ts';
import { compile } from '../../src/schedule/compile.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { expectGolden } from '../golden.ts';
import { toyCpu, toyNpu, toyTargets } from '../schedule/toy-targets.ts';

const unbound = { dims: new Map<string, number>(), inputs: new Map<string, readonly number[]>() };

function fixture(name: string, extension = 'onnx'): Model {
  const path = new URL(`../../fixtures/models/${name}.${extension}`, import.meta.url).pathname;
  return readModel(new Map([['', openFile(path, name).source]]), name);
}

const detector = fixture('detector-cubic');

describe.each([
  ['text', 'txt'],
  ['markdown', 'md'],
] as const)('as %s', (format, extension) => {
  test('inspect', () => {
    const document = inspectDocument(inferModel(detector, unbound), 'models/detector-cubic.onnx');
    expectGolden(inspectText(document, format), `report/inspect-detector.${extension}`);
  });

  test('inspect, with symbols and unknown sizes', () => {
    const document = inspectDocument(inferModel(fixture('everything-ir11'), unbound), 'everything-ir11.onnx');
    expectGolden(inspectText(document, format), `report/inspect-everything.${extension}`);
    expect(document.tensors.flatMap(({ storedElements }) => storedElements ?? [])).toEqual([24]);
  });

  test('inspect, of a TFLite file', () => {
    const document = inspectDocument(inferModel(fixture('control', 'tflite'), unbound), 'models/control.tflite');
    expectGolden(inspectText(document, format), `report/inspect-control.${extension}`);
  });

  test('simulate, of a TFLite file', () => {
    const simulation = simulate(compile(prepare(fixture('cnn-int8', 'tflite'), unbound), toyNpu, {}));
    const document = simulationDocument(simulation, 'models/cnn-int8.tflite');
    expectGolden(simulationText(document, format), `report/simulate-cnn-int8.${extension}`);
  });

  test('simulate', () => {
    const simulation = simulate(compile(prepare(detector, unbound), toyNpu, {}));
    const document = simulationDocument(simulation, 'models/detector-cubic.onnx');
    expectGolden(simulationText(document, format), `report/simulate-detector.${extension}`);
  });
});

describe('targets', () => {
  const all = [...toyTargets('toy-cpu'), ...toyTargets('toy-npu')];

  test('one as a data sheet', () => expectGolden(targetText(toyNpu), 'report/target-toy-npu.txt'));
  test('all in a list', () => expectGolden(targetListText(all), 'report/targets.txt'));

  test('as a document: every number with its source, and all of it in JSON', () => {
    const document = targetDocument(toyCpu);
    expect(document.schema).toBe('model-budget/targets@1');
    expect(document.provenance).toEqual(toyCpu.provenance);
    const text = JSON.stringify(document);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)));
    expect(text).not.toContain('null,null');
    expect(document.units.map(({ overlapNorm }) => overlapNorm)).toEqual([1]);
    expect(
      targetDocument({ ...toyCpu, units: [{ ...toyCpu.units[0]!, overlapNorm: Infinity }] }).units[0]!.overlapNorm,
    ).toBe('perfect');
    expect(document.support.operators.map(({ operator }) => operator)).toEqual(
      [...toyCpu.support.operators.keys()].sort(),
    );
  });
});
