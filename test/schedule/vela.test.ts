// Arenas against those of Arm's own compiler (ethos-u-vela 5.2.0, Ethos-U55-256, all tensors in SRAM): the peak is exact
// where the network is. Layers of TFLite files against the rows of its per-layer tables, by their names. Neither networks
// nor tables are part of this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModel } from '../../src/formats/index.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { prepare } from '../../src/passes/index.ts';
import { compile } from '../../src/schedule/compile.ts';
import { resolveTarget } from '../../src/schedule/target-id.ts';
import { shippedBase } from '../../src/files/hardware.ts';
import { parseTarget } from '../../src/schedule/target-file.ts';

const root = join(import.meta.dirname, '../..');
const zoo = join(root, '../shared/zoo');

/** Bytes of SRAM that Vela reports in its mode `Sram_Only`. */
const velaPeaks = [
  ['mlperf_tiny-ad-autoencoder-640.onnx', 768],
  ['mlperf_tiny-ic-resnet8-32.onnx', 48 * 1024],
  ['mlperf_tiny-vww-mobilenet_v1_0.25-96.onnx', 72 * 1024],
  ['mobilenet_v1_0.25-128.onnx', 128 * 1024],
] as const;

const text = readFileSync(join(root, 'hardware/ethos-u55-256.yml'), 'utf8');
const target = resolveTarget(
  'ethos-u55-256:high-end-embedded:sram-only',
  parseTarget(text, 'ethos-u55-256.yml', shippedBase),
);

const none = { dims: new Map<string, number>(), inputs: new Map<string, readonly number[]>() };

test.skipIf(!existsSync(zoo)).each(velaPeaks)('%s takes %i B (needs ../shared/zoo)', (name, peakBytes) => {
  expect(readdirSync(zoo)).toContain(name);
  const model = readModel(new Map([['', bufferSource(readFileSync(join(zoo, name)))]]), name);
  const { arenas } = compile(prepare(model, none), target);
  expect(arenas.find(({ memory }) => memory === target.plan.activations)?.peakBytes).toBe(peakBytes);
});

const files = join(root, '../shared/models');
const tables = join(root, '../shared/data/vela-5.2/per-layer');
const configuration = 'ethos-u55-256__Ethos_U55_High_End_Embedded__Shared_Sram.csv';

/** MACs by name; Vela gives an operator's row its output's name, and several rows where it takes it apart. */
function velaLayers(file: string): ReadonlyMap<string, { readonly macs: number; readonly operator: string }> {
  const text_ = readFileSync(join(tables, `${file.replace('.tflite', '')}__${configuration}`), 'utf8');
  const layers = new Map<string, { readonly macs: number; readonly operator: string }>();
  for (const line of text_.trim().split('\n').slice(1)) {
    const cells = line.split(',');
    const name = cells[15]!;
    const before = layers.get(name);
    layers.set(name, { macs: (before?.macs ?? 0) + Number(cells[12]), operator: before?.operator ?? cells[0]! });
  }
  return layers;
}

const networks = existsSync(files) ? readdirSync(files).filter((name) => name.endsWith('.tflite')) : [];

test.skipIf(networks.length === 0)('eight networks are there (needs ../shared/models)', () => {
  expect(networks.length).toBe(8);
});

test.skipIf(networks.length === 0).each(networks)(
  "%s: every layer has the name of Vela's row, and its MACs",
  (file) => {
    const model = readModel(new Map([['', bufferSource(readFileSync(join(files, file)))]]), file);
    const { kernels } = compile(prepare(model, none), target);
    const rows = velaLayers(file);
    expect(kernels.map(({ name }) => name).filter((name) => !rows.has(name))).toEqual([]);
    // Vela counts averages and conversions as products with one, and takes Softmax apart.
    const products = /^(Conv2D|DepthwiseConv2D|FullyConnected|TransposeConv)/;
    const compared = [...rows].filter(([, { operator }]) => products.test(operator));
    const macs = new Map(kernels.map((kernel) => [kernel.name, kernel.macs]));
    expect(compared.map(([name]) => [name, macs.get(name)])).toEqual(compared.map(([name, row]) => [name, row.macs]));
    expect(compared.length).toBeGreaterThan(4);
  },
);
