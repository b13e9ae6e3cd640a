// Cycles and SRAM against Arm's own compiler, ethos-u-vela 5.2.0 with its default options and its vela.ini: of this
// repository's networks by what it printed (vela-5.2.csv), of others where ../shared is beside it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shippedBase } from '../../../src/files/hardware.ts';
import { readModel } from '../../../src/formats/index.ts';
import { bufferSource } from '../../../src/ir/byte-source.ts';
import { prepare } from '../../../src/passes/index.ts';
import { compile } from '../../../src/schedule/compile.ts';
import { parseTarget } from '../../../src/schedule/target-file.ts';
import type { Target } from '../../../src/schedule/target.ts';
import { resolveTarget } from '../../../src/schedule/target-id.ts';
import { simulate } from '../../../src/simulate/simulate.ts';

const root = join(import.meta.dirname, '../../..');

type Row = Readonly<Record<string, string>>;

function rowsOf(path: string): Row[] {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

/** Without what the processor takes to hand over, which Vela does not count. */
function targetOf(id: string): Target {
  const path = `hardware/${id.split(':')[0]!}.yml`;
  const target = resolveTarget(id, parseTarget(readFileSync(join(root, path), 'utf8'), path, shippedBase));
  return { ...target, units: target.units.map((unit) => ({ ...unit, handoverSeconds: 0 })) };
}

/** Cycles of each layer by what it computes last, of all of them, and the most that lies in SRAM. */
function estimate(path: string, id: string) {
  const target = targetOf(id);
  const sources = new Map([['', bufferSource(readFileSync(path))]]);
  const prepared = prepare(readModel(sources, path), { dims: new Map(), inputs: new Map() });
  const { layers, totals } = simulate(compile(prepared, target, { sources }));
  const { id: unit, clockHertz } = target.units[0]!;
  const own = layers
    .filter((layer) => layer.unit === unit && layer.nodes.length > 0)
    .map(({ nodes, latencySeconds }) => [nodes, latencySeconds * clockHertz] as const);
  return {
    cycles: new Map(own.flatMap(([nodes, cycles]) => nodes.map((node) => [node, Math.round(cycles)] as const))),
    total: own.reduce((sum, [, cycles]) => sum + cycles, 0),
    sramBytes: totals.peakMemoryBytes,
  };
}

const golden = rowsOf(join(import.meta.dirname, 'vela-5.2.csv'));
const runs = [...new Set(golden.map(({ network, target }) => `${network!} ${target!}`))];

test.each(runs)('%s: every layer, their sum and the SRAM are what Vela reports', (run) => {
  const [network, id] = run.split(' ') as [string, string];
  const rows = golden.filter((row) => row.network === network && row.target === id);
  const { cycles, total, sramBytes } = estimate(join(root, `fixtures/models/${network}.tflite`), id);
  const ours = (name: string) =>
    name === '(total cycles)' ? Math.floor(total) : name === '(SRAM bytes)' ? sramBytes : cycles.get(name);
  expect(rows.map(({ name }) => [name, ours(name!)])).toEqual(rows.map((row) => [row.name, Number(row.cycles)]));
});

const estimates = join(root, '../shared/data/vela-5.2/estimates.csv');
const networks = new Set(['ad01_int8', 'pretrainedResnet_quant', 'str_ww_ref_model', 'vww_96_int8']);

describe.skipIf(!existsSync(estimates))('networks of ../shared', () => {
  const words = (name: string) =>
    name
      .replace(/^Ethos_U\d+_/, '')
      .toLowerCase()
      .replaceAll('_', '-');
  const wanted = existsSync(estimates)
    ? rowsOf(estimates).filter(({ model, accelerator }) => networks.has(model!) && /u55|u65/.test(accelerator!))
    : [];
  const titled = new Map(
    wanted.map((row) => {
      const id = `${row.accelerator!}:${words(row.system!)}:${words(row.memory!)}`;
      return [`${row.model!} on ${id}`, { id, row }] as const;
    }),
  );
  test.each([...titled.keys()])('%s: totals within one percent, SRAM within two', (title) => {
    const { id, row } = titled.get(title)!;
    const { total, sramBytes } = estimate(join(root, `../shared/models/${row.model!}.tflite`), id);
    expect(Math.abs(total / Number(row.cycles_total) - 1)).toBeLessThan(0.01);
    expect(Math.abs(sramBytes / (1024 * Number(row.sram_memory_used)) - 1)).toBeLessThan(0.02);
  });
});
