/** Models of npm packages, against what ONNX Runtime made of them (test/golden/onnxruntime). */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFile } from '../src/files/file-source.ts';
import { modelPackages } from '../demo/known-packages.ts';
import type { ModelPackage } from '../demo/package-models.ts';
import { readModel } from '../src/formats/index.ts';
import { isUnknown, print } from '../src/ir/dimension.ts';
import type { Model, TensorType } from '../src/ir/graph.ts';
import { inferModel, prepare } from '../src/passes/index.ts';
import type { Bindings } from '../src/passes/prepared.ts';
import { inspectDocument } from '../src/report/inspect.ts';
import { compile } from '../src/schedule/compile.ts';
import { realModels } from './real-models.ts';
import { toyCpu } from './schedule/toy-targets.ts';

interface Facts {
  readonly bindings: Bindings;
  /** `name dtype shape` by tensor. */
  readonly tensors: ReadonlyMap<string, string>;
}

function readFacts(from: ModelPackage, path: string): Facts | undefined {
  const url = new URL(`golden/onnxruntime/${from.name.replaceAll('/', '+')}+${basename(path)}.txt`, import.meta.url);
  if (!existsSync(url)) return undefined;
  const [header = '', ...lines] = readFileSync(url, 'utf8').replace(/\n$/, '').split('\n');
  const tensors = new Map(lines.map((line) => [line.split('\t', 1)[0] ?? '', line]));
  return { bindings: bindingsIn(header), tensors };
}

function bindingsIn(header: string): Bindings {
  const dims = new Map([...header.matchAll(/--dim (\S+)=(\d+)/g)].map(([, name = '', value]) => [name, Number(value)]));
  const inputs = [...header.matchAll(/--input (\S+)=(\S+)/g)].map(
    ([, name = '', shape = '']) => [name, shape.split('x').map(Number)] as const,
  );
  return { dims, inputs: new Map(inputs) };
}

function read(path: string): Model {
  const { source } = openFile(path, path);
  return readModel(new Map([['', source]]), path);
}

/** No shape, or a dimension that only the data decides: said with a reason, not guessed. */
function isOpen(type: TensorType | undefined): boolean {
  return type !== undefined && (type.shape === null || type.shape.some(isUnknown));
}

function line(name: string, type: TensorType | undefined): string {
  const shape = type?.shape?.map(print).join('x') ?? '?';
  return `${name}\t${type?.dtype ?? '?'}\t${shape}`;
}

describe.each(Object.values(modelPackages))('$name', (from) => {
  const paths = realModels(from);
  test.skipIf(paths.length === 0)('every file has facts to be held against', () => {
    expect(paths.filter((path) => readFacts(from, path) === undefined)).toEqual([]);
  });

  test.each(paths)('%s: shapes and dtypes are those that ONNX Runtime made', (path) => {
    const facts = readFacts(from, path);
    const { graph } = inferModel(read(path), facts?.bindings ?? { dims: new Map(), inputs: new Map() });
    const entries = [...(facts?.tensors ?? [])];
    const open = entries.filter(([name]) => isOpen(graph.tensors.get(name)));
    const closed = entries.filter(([name]) => !isOpen(graph.tensors.get(name)));
    expect(closed.length).toBeGreaterThan(2);
    expect(closed.map(([name]) => line(name, graph.tensors.get(name)))).toEqual(closed.map(([, fact]) => fact));
    // What the sampling rate (an input) decides is open: it selects a branch of an If at run time.
    expect(open.length).toBeLessThanOrEqual(path.includes('silero') ? 6 : 0);
  });

  test.each(paths)('%s: every product and parameter that inspect counts is compiled', (path) => {
    const bindings = readFacts(from, path)?.bindings ?? { dims: new Map(), inputs: new Map() };
    const { sizes } = compile(prepare(read(path), bindings), toyCpu);
    const { model } = inspectDocument(inferModel(read(path), bindings), path);
    const { macs, parameters, weightsBytes } = sizes;
    expect({ macs, parameters, weightsBytes }).toEqual({
      ...{ macs: model.macs, parameters: model.parameters, weightsBytes: model.weightsBytes },
    });
  });

  test.each(paths)('%s: every operator is known', (path) => {
    const document = inspectDocument(inferModel(read(path), { dims: new Map(), inputs: new Map() }), path);
    expect(document.unknownOperators).toEqual([]);
    expect(document.coverage.nodes).toBe(1);
  });
});
