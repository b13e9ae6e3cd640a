// Arenas against those of Arm's own compiler (ethos-u-vela 5.2.0, Ethos-U55-256, all tensors in SRAM): the peak is exact
// where the network is. The networks are not part of this repository.
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

test.skipIf(!existsSync(zoo)).each(velaPeaks)('%s takes %i B (needs ../shared/zoo)', (name, peakBytes) => {
  expect(readdirSync(zoo)).toContain(name);
  const model = readModel(new Map([['', bufferSource(readFileSync(join(zoo, name)))]]), name);
  const { arenas } = compile(prepare(model, { dims: new Map(), inputs: new Map() }), target);
  expect(arenas.find(({ memory }) => memory === target.plan.activations)?.peakBytes).toBe(peakBytes);
});
