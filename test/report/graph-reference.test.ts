// Published MACs and parameters of well-known networks, where their structure-only exports and the table of published
// counts lie beside the repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../src/formats/index.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { inferModel } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import type { InspectDocument } from '../../src/report/inspect.ts';

const shared = join(import.meta.dirname, '..', '..', '..', 'shared');
const zoo = join(shared, 'zoo');
const table = join(shared, 'data', 'graph_reference.csv');
const isThere = existsSync(zoo) && existsSync(table);

interface Reference {
  readonly parameters: number;
  readonly macs: number;
}

/** By `package-network-size`, as the files are named. Both packages print thousand-millions with two decimals. */
function references(): ReadonlyMap<string, Reference> {
  const rows = readFileSync(table, 'utf8').trim().split('\n').slice(1);
  const entries = rows.flatMap((row) => {
    const [network, source, input, parameters, macs] = row.split(',');
    const size = /^1x3x(\d+)x\1$/.exec(input!)?.[1];
    const name = /^(timm|torchvision)/.exec(source!)?.[1];
    if (size === undefined || name === undefined || !parameters || !macs) return [];
    return [[`${name}-${network!}-${size}`, { parameters: Number(parameters), macs: Number(macs) }] as const];
  });
  return new Map(entries);
}

const roundingMacs = 5e6 * 1.0001;

function elements(document: InspectDocument, tensor: string): number {
  const shape = document.tensors.find(({ name }) => name === tensor)?.shape;
  return shape?.reduce<number>((product, size) => product * Number(size), 1) ?? 0;
}

/**
 * What timm's counter adds to products: 2 for each element of a batch normalization (folded into the convolution
 * before it, whose bias it leaves), 5 for each of another one, 1 for each that is averaged over all positions.
 */
function extraOperations(document: InspectDocument): number {
  return document.layers.reduce((sum, { op, inputs, outputs }) => {
    if (op === 'Conv' && inputs.length > 2) return sum + 2 * elements(document, outputs[0]!.name);
    if (op === 'BatchNormalization') return sum + 2 * elements(document, outputs[0]!.name);
    if (op === 'LayerNormalization') return sum + 5 * elements(document, outputs[0]!.name);
    return op === 'GlobalAveragePool' || op === 'ReduceMean' ? sum + elements(document, inputs[0]!) : sum;
  }, 0);
}

function inspect(file: string): InspectDocument {
  const model = readModel(new Map([['', bufferSource(readFileSync(join(zoo, file)))]]), file);
  return inspectDocument(inferModel(model, { dims: new Map([['batch', 1]]), inputs: new Map() }), file);
}

interface Checked {
  readonly network: string;
  readonly family: string;
  readonly right: boolean;
}

function check(file: string, key: string, reference: Reference): Checked {
  const document = inspect(file);
  const { macs, parameters } = document.model;
  // Folding a batch normalization takes up to a hundredth of the parameters, constants of the exporter add some.
  const sameParameters = Math.abs(parameters - reference.parameters) <= 0.01 * reference.parameters + 5e3;
  const counts = key.startsWith('timm') ? [macs!, macs! + extraOperations(document)] : [macs!];
  const sameMacs = counts.some((count) => Math.abs(count - reference.macs) <= roundingMacs);
  const network = key.split('-')[1]!;
  return { network, family: /^[a-z]+/.exec(network)![0], right: sameParameters && sameMacs };
}

describe.skipIf(!isThere)('published counts (skipped where the table is not there)', () => {
  test('hold within their rounding for at least 60 networks of 15 families', { timeout: 600_000 }, () => {
    const known = references();
    const checked = readdirSync(zoo).flatMap((file) => {
      const key = file.replace(/\.onnx$/, '');
      const reference = known.get(key);
      return reference === undefined ? [] : [check(file, key, reference)];
    });
    const right = checked.filter((one) => one.right);
    expect(new Set(right.map(({ network }) => network)).size).toBeGreaterThanOrEqual(60);
    expect(new Set(right.map(({ family }) => family)).size).toBeGreaterThanOrEqual(15);
    expect(right.length / checked.length).toBeGreaterThan(0.85);
  });
});
