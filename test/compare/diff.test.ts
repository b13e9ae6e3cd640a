import { describe, expect, test } from 'vitest';
import { additiveMetrics, type DiffRow, type GraphMatch, type NodeMatch } from '../../src/compare/comparison.ts';
import { diffSimulations } from '../../src/compare/diff.ts';
import type { Kernel, Schedule } from '../../src/schedule/schedule.ts';
import type { LayerCost, Simulation } from '../../src/simulate/simulation.ts';
import { reviewPairs } from '../review/input.ts';

/** One with a fallback, one without, one whose weights lie in flash. */
const hardware = ['ethos-u55-256', 'rpi4-xnnpack', 'stm32l4r5-x-cube-ai'];

/** Rows add up to the totals: integers exactly, floats within 1e-9. */
function expectRowsToAddUp(rows: readonly DiffRow[], totals: ReturnType<typeof diffSimulations>['totals']): void {
  for (const metric of additiveMetrics) {
    const sum = rows.reduce((total, row) => total + row.delta[metric], 0);
    const delta = totals[metric].delta!;
    if (Number.isInteger(delta)) expect(sum).toBe(delta);
    else expect(Math.abs(sum - delta)).toBeLessThan(1e-9);
  }
}

describe('rows add up on every target', () => {
  const pairs: readonly (readonly [string | null, string | null])[] = [
    ['cnn-residual.onnx', 'cnn-residual-wide.onnx'],
    ['cnn-residual.onnx', 'cnn-residual-renamed.onnx'],
    ['cnn-residual-retrained.onnx', 'transformer-block.onnx'],
    ['detector-nearest.onnx', 'detector-cubic.onnx'],
    ['cnn-qdq.onnx', 'cnn-qdq-lost.onnx'],
    ['recurrent-control.onnx', 'cnn-qdq.onnx'],
    [null, 'cnn-residual.onnx'],
    ['cnn-residual.onnx', null],
  ];
  const config = 'models: [{ path: "**", dims: { sequence: 16, batch: 1, time: 4, steps: 4 } }]';
  const report = reviewPairs(
    pairs.map(([base, head], index) => ({ base, head, path: `models/${index}.onnx` })),
    { targets: hardware, config },
  );

  test.each(report.models.map((model, index) => [pairs[index]!, model] as const))('%j', (_, model) => {
    expect(model.errors).toEqual([]);
    expect(model.targets).toHaveLength(hardware.length);
    for (const { layers, totals } of model.targets) {
      expect(layers.length).toBeGreaterThan(5);
      expectRowsToAddUp(layers, totals);
    }
  });

  test('every layer of both sides stands in exactly one row', () => {
    for (const target of report.models.flatMap((model) => model.targets)) {
      for (const side of ['base', 'head'] as const) {
        const names = target.layers.flatMap((row) => row[side].map((layer) => layer.id));
        expect(new Set(names).size).toBe(names.length);
        const timeline = target.memoryTimeline[side];
        expect(names.filter((name) => name !== '(invocation)')).toHaveLength(timeline?.points.length ?? 0);
      }
    }
  });

  test('the head’s layers are in execution order', () => {
    for (const target of report.models.flatMap((model) => model.targets)) {
      const first = target.layers.flatMap((row) => row.head.slice(0, 1).map((layer) => layer.id));
      const order = ['(invocation)', ...(target.memoryTimeline.head?.points.map((point) => point.layer) ?? [])];
      const places = first.map((id) => order.indexOf(id));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
  });
});

/** A simulation of kernels given as lists of node ids, the host first. */
function simulation(kernels: readonly (readonly string[])[], more: Partial<LayerCost> = {}): Simulation {
  const layers = kernels.map((nodes): LayerCost => ({
    ...{ id: nodes[0]!, name: nodes[0]!, op: 'Conv', nodes, unit: 'cpu', dtype: 'float32', latencySeconds: 1 },
    ...{ energyJoules: 2, averagePowerWatts: 2, macs: 3, parameters: 4, weightsBytes: 16, fileBytes: 20 },
    ...{ trafficBytes: { dram: 8 }, memoryBytes: 5, utilization: 1, bound: 'compute', causes: [], fallback: null },
    ...{ outputShape: [1], ...more },
  }));
  const count = layers.length;
  const schedule = {
    kernels: kernels.map((nodes) => ({ name: nodes[0]!, fused: nodes }) as unknown as Kernel),
    target: { memories: [{ id: 'dram', bound: 'dram' }] },
  } as unknown as Schedule;
  return {
    schedule,
    layers,
    totals: {
      ...{ latencySeconds: count, energyJoules: 2 * count, averagePowerWatts: 2, peakMemoryBytes: 5 },
      ...{ peakMemoryBytesByMemory: {}, weightsBytes: 16 * count, fileBytes: 20 * count + 7, downloadBytes: null },
      ...{ parameters: 4 * count, macs: 3 * count, trafficBytes: { dram: 8 * count }, cpuFallbackLayers: 0 },
      bands: { latencySeconds: [0.9 * count, 1.1 * count] },
    },
    fileOverheadBytes: 7,
    peakMemoryLayer: kernels[0]?.[0] ?? null,
  };
}

const matchOf = (
  ...pairs: readonly (readonly [base: string, head: string, more?: Partial<NodeMatch>])[]
): GraphMatch => ({
  change: 'changed',
  matches: pairs.map(([base, head, more]) => ({
    ...{ status: 'identical', evidence: 'structure', confidence: 0.9, changes: [] },
    ...{ base: base.split(' ').filter(Boolean), head: head.split(' ').filter(Boolean), ...more },
  })),
});

const shape = (rows: readonly DiffRow[]): readonly string[] =>
  rows.map(
    (row) => `${row.base.map(({ id }) => id).join('+')} ${row.match.status} ${row.head.map(({ id }) => id).join('+')}`,
  );

describe('rows', () => {
  test('a fusion that came apart is one row', () => {
    const base = simulation([['conv', 'relu'], ['fc']]);
    const head = simulation([['conv2'], ['swish'], ['fc2']]);
    const match = matchOf(
      ['conv', 'conv2'],
      ['relu', 'swish', { status: 'replaced', changes: ['activation Relu → HardSwish'], confidence: 0.6 }],
      ['fc', 'fc2'],
    );
    const { rows, totals } = diffSimulations({ base, head, match });
    expect(shape(rows)).toEqual(['conv split conv2+swish', 'fc identical fc2', ' identical ']);
    expect(rows[0]!.delta).toEqual({ latencySeconds: 1, energyJoules: 2, macs: 3, parameters: 4, weightsBytes: 16, fileBytes: 20 }); // prettier-ignore
    expect(rows[0]!.match.confidence).toBe(0.6);
    expect(rows[0]!.changes).toEqual(['activation Relu → HardSwish']);
    expect(totals.latencySeconds).toEqual({ base: 2, head: 3, delta: 1, ratio: 1.5, band: [2.7, 3.3000000000000003] });
    expectRowsToAddUp(rows, totals);
  });

  test('nodes that ride along in both sides join nothing, and tell what changed where they ride', () => {
    const base = simulation([
      ['conv', 'relu'],
      ['fc', 'view'],
    ]);
    const head = simulation([['conv', 'clip', 'view'], ['fc']]);
    const match = matchOf(
      ['conv', 'conv'],
      ['relu', 'clip', { status: 'replaced', changes: ['activation Relu → Clip'] }],
      ['fc', 'fc'],
      ['view', 'view'],
    );
    const { rows } = diffSimulations({ base, head, match });
    expect(shape(rows)).toEqual(['conv replaced conv', 'fc identical fc', ' identical ']);
    expect(rows[0]!.changes).toEqual(['activation Relu → Clip']);
    expect(rows[1]!.changes).toEqual(['re-fused: fc + view → fc']);
  });

  test('removed rows stand where they stood, added ones in the head’s order', () => {
    const base = simulation([['gone1'], ['a'], ['gone2'], ['gone3'], ['b']]);
    const head = simulation([['new1'], ['b'], ['a'], ['new2']]);
    const match = matchOf(
      ['a', 'a'],
      ['b', 'b', { status: 'moved' }],
      ...['gone1', 'gone2', 'gone3'].map((id) => [id, '', { status: 'removed' }] as const),
      ['', 'new1', { status: 'added' }],
      ['', 'new2', { status: 'copy' }],
    );
    expect(shape(diffSimulations({ base, head, match }).rows)).toEqual([
      'gone1 removed ',
      ' added new1',
      'b moved b',
      'a identical a',
      'gone2 removed ',
      'gone3 removed ',
      ' copy new2',
      ' identical ',
    ]);
  });

  test('say what the target made of a change, and mark the peak', () => {
    const base = simulation([['a'], ['b']]);
    const head = simulation([['a'], ['b']], { fallback: 'cubic is not supported' });
    const match = matchOf(['a', 'a'], ['b', 'b']);
    const { rows } = diffSimulations({ base, head, match });
    expect(rows.map((row) => row.changes)).toEqual([['falls back to the CPU'], ['falls back to the CPU'], []]);
    expect(rows.map((row) => row.setsPeakMemory)).toEqual([true, false, false]);
    const back = diffSimulations({ base: head, head: base, match });
    expect(back.rows[0]!.changes).toEqual(['came back from the CPU']);
  });

  test('widths are not said twice', () => {
    const [base, head] = [simulation([['conv', 'relu']]), simulation([['conv', 'relu']])];
    const match = matchOf(
      ['conv', 'conv', { status: 'resized', changes: ['widened 96→128', 'input channels 3→4'] }],
      ['relu', 'relu', { status: 'resized', changes: ['channels 96→128', 'resolution 4×4→8×8'] }],
    );
    expect(diffSimulations({ base, head, match }).rows[0]!.changes).toEqual([
      ...['widened 96→128', 'input channels 3→4', 'resolution 4×4→8×8'],
    ]);
  });

  test('nor by what follows from them: shapes, biases, and parts that came or went inside of a layer', () => {
    const [base, head] = [simulation([['product', 'bias', 'view']]), simulation([['product', 'bias', 'view']])];
    const match = matchOf(
      ['product', 'product', { status: 'resized', changes: ['widened 256→512', 'shape 1×32×256→1×32×512'] }],
      ['bias', 'bias', { status: 'resized', changes: ['weights 256→512'] }],
      ['view', 'view', { status: 'resized', changes: ['shape 32×256→32×16×32', 'removed'] }],
    );
    expect(diffSimulations({ base, head, match }).rows[0]!.changes).toEqual([
      ...['widened 256→512', 'shape 32×256→32×16×32'],
    ]);
  });

  test('sums of the same layers in another order are no change', () => {
    const head = simulation([['a'], ['b']]);
    const base = { ...head, totals: { ...head.totals, latencySeconds: 2 * (1 + 2e-16) } };
    expect(base.totals.latencySeconds).not.toBe(2);
    expect(diffSimulations({ base, head, match: matchOf(['a', 'a'], ['b', 'b']) }).totals.latencySeconds).toMatchObject(
      {
        ...{ delta: 0, ratio: 1 },
      },
    );
  });

  test('of a new model everything is added, of an unreadable base nothing is known', () => {
    const head = simulation([['a'], ['b']]);
    const added = diffSimulations({ base: 'absent', head });
    expect(shape(added.rows)).toEqual([' added a', ' added b', ' resized ']);
    expect(added.totals.fileBytes).toEqual({ base: null, head: 47, delta: 47, ratio: null, band: null });
    expectRowsToAddUp(added.rows, added.totals);
    const unknown = diffSimulations({ base: 'unreadable', head });
    expect(unknown.totals.fileBytes).toEqual({ base: null, head: 47, delta: null, ratio: null, band: null });
    const removed = diffSimulations({ base: head, head: 'absent' });
    expect(removed.totals.macs).toEqual({ base: 6, head: null, delta: -6, ratio: null, band: null });
    expectRowsToAddUp(removed.rows, removed.totals);
  });
});
