/** Small reports made by hand: whole records in which a test overrides what it is about. */
import type { AdditiveMetric, BudgetResult, DiffRow, MetricKey, TotalDiff } from '../../src/compare/comparison.ts';
import type { MemoryTimeline, ModelReport, Report, TargetReport } from '../../src/report/report.ts';
import type { CauseShare, LayerCost } from '../../src/simulate/simulation.ts';

export function layer(overrides: Partial<LayerCost> = {}): LayerCost {
  const latencySeconds = overrides.latencySeconds ?? 2e-3;
  const name = overrides.name ?? 'backbone/conv1';
  const op = overrides.op ?? 'Conv';
  const energyJoules = overrides.energyJoules ?? latencySeconds * 0.15;
  return {
    ...{ id: name, name, op, nodes: [name], unit: 'npu', dtype: 'int8' },
    ...{ latencySeconds, energyJoules, averagePowerWatts: latencySeconds === 0 ? 0 : energyJoules / latencySeconds },
    ...{ macs: 10_000_000, parameters: 9216, weightsBytes: 9216, fileBytes: 9400 },
    trafficBytes: { sram: 400_000, flash: 9216 },
    ...{ memoryBytes: 200_000, utilization: 0.61, bound: 'compute' },
    causes: [{ cause: 'compute', seconds: latencySeconds, savedSeconds: 0 }] satisfies CauseShare[],
    ...{ fallback: null, outputShape: [1, 96, 28, 28] },
    ...overrides,
  };
}

export const additive: readonly AdditiveMetric[] = [
  'latencySeconds',
  'energyJoules',
  'macs',
  'parameters',
  'weightsBytes',
  'fileBytes',
];

/** A row whose deltas follow from its layers. */
export function row(base: readonly LayerCost[], head: readonly LayerCost[], overrides: Partial<DiffRow> = {}): DiffRow {
  const total = (layers: readonly LayerCost[], metric: AdditiveMetric): number =>
    layers.reduce((sum, cost) => sum + cost[metric], 0);
  const entries = additive.map((metric) => [metric, total(head, metric) - total(base, metric)] as const);
  const status = base.length === 0 ? 'added' : head.length === 0 ? 'removed' : 'identical';
  return {
    match: { status, evidence: base.length === 0 || head.length === 0 ? 'none' : 'weight-hash', confidence: 1 },
    ...{ base, head, delta: Object.fromEntries(entries) as DiffRow['delta'] },
    ...{ changes: [], name: '', setsPeakMemory: false },
    ...overrides,
  };
}

export function overheadRow(bytes: number): DiffRow {
  return row([], [], {
    match: { status: 'identical', evidence: 'none', confidence: 1 },
    name: 'file overhead',
    delta: { latencySeconds: 0, energyJoules: 0, macs: 0, parameters: 0, weightsBytes: 0, fileBytes: bytes },
  });
}

export function total(base: number | null, head: number | null, relativeBand?: number): TotalDiff {
  return {
    ...{ base, head },
    delta: base === null || head === null ? null : head - base,
    ratio: base === null || base === 0 || head === null ? null : head / base,
    band: head === null || relativeBand === undefined ? null : [head * (1 - relativeBand), head * (1 + relativeBand)],
  };
}

/** Of a model that is new: everything is a change from nothing. */
export function appeared(head: number, relativeBand?: number): TotalDiff {
  return { ...total(null, head, relativeBand), delta: head };
}

/** Of a model that was removed. */
export function vanished(base: number): TotalDiff {
  return { ...total(base, null), delta: -base };
}

export function totals(overrides: Partial<Record<MetricKey, TotalDiff>> = {}): Readonly<Record<MetricKey, TotalDiff>> {
  return {
    latencySeconds: total(0.0214, 0.033, 0.08),
    energyJoules: total(0.0031, 0.0044, 0.25),
    averagePowerWatts: total(0.102, 0.139, 0.25),
    peakMemoryBytes: total(402 * 1024, 402 * 1024, 0.02),
    weightsBytes: total(3_900_000, 4_080_000),
    fileBytes: total(4_100_000, 4_300_000),
    downloadBytes: total(null, null),
    parameters: total(3_900_000, 4_080_000),
    macs: total(300_000_000, 420_000_000),
    cpuFallbackLayers: total(0, 1),
    dramTrafficBytes: total(null, null),
    ...overrides,
  };
}

/** One limit, unless told otherwise. */
export function budget(overrides: Partial<BudgetResult> = {}): BudgetResult {
  const { verdict = 'pass', limit = 0.03 } = overrides;
  const verdicts = limit === null ? { max: null, maxIncrease: verdict } : { max: verdict, maxIncrease: null };
  return {
    ...{ metric: 'latency', key: 'latencySeconds', limit: 0.03, maxIncrease: null },
    ...{ actual: 0.033, base: 0.0214, verdict, verdicts, level: 'error' },
    ...overrides,
  };
}

export function timeline(liveBytes: readonly number[], peakLayer = 'neck/up1/Resize'): MemoryTimeline {
  return {
    ...{ memory: 'sram', capacityBytes: 512 * 1024, peakBytes: Math.max(...liveBytes), peakLayer },
    points: liveBytes.map((bytes, index) => ({ layer: `layer${index}`, liveBytes: bytes })),
  };
}

export function targetReport(overrides: Partial<TargetReport> = {}): TargetReport {
  return {
    target: {
      id: 'ethos-u55-256',
      name: 'Arm Ethos-U55, 256 MACs a cycle',
      status: 'datasheet',
      runtime: 'vela 4.5',
      clockHertz: 500e6,
    },
    ...{ verdict: 'pass', assumptions: ['assumed int8'], unknownOperators: [], coverage: 1, rateHertz: 30 },
    ...{ totals: totals(), budgets: [], layers: detectorRows, suggestions: [] },
    memoryTimeline: {
      base: timeline([200_000, 411_648, 300_000, 150_000]),
      head: timeline([210_000, 411_648, 350_000, 180_000]),
    },
    ...overrides,
  };
}

export function modelReport(overrides: Partial<ModelReport> = {}): ModelReport {
  return {
    ...{ path: 'models/detector.onnx', status: 'modified', change: 'changed', verdict: 'pass' },
    ...{ errors: [], warnings: [], targets: [targetReport()] },
    ...overrides,
  };
}

export function report(overrides: Partial<Report> = {}): Report {
  return {
    ...{ schema: 'model-budget/report@1', tool: { version: '0.1.0' } },
    base: {
      ref: 'main',
      sha: '1f0c3a9d5b7e2468ace013579bdf02468ace1357',
      mergeBase: '1f0c3a9d5b7e2468ace013579bdf02468ace1357',
    },
    head: { ref: 'wider-neck', sha: '9be1d6705a3c4f2e8d7b6a5948372615f0e1d2c3' },
    ...{ evaluatedOn: null, configDigest: 'sha256:5f2d8c', config: 'version: 1\ntargets: [ethos-u55-256]\n' },
    replay:
      'npx model-budget@0.1.0 diff 1f0c3a9d5b7e2468ace013579bdf02468ace1357 9be1d6705a3c4f2e8d7b6a5948372615f0e1d2c3 --config model-budget.yml',
    ...{ verdict: 'pass', models: [modelReport()], notes: [] },
    ...overrides,
  };
}

const fallbackReason = '`Resize` with mode=cubic is not supported; nearest and linear are';

function upsampling(index: number): DiffRow {
  const cost = layer({
    name: `neck/up${index}/Resize`,
    op: 'Resize',
    unit: 'cpu',
    latencySeconds: 4.45e-3,
    macs: 0,
    utilization: 0,
    bound: 'vector',
    fallback: fallbackReason,
    causes: [
      { cause: 'cpu-fallback', seconds: 4.2e-3, savedSeconds: 4.35e-3 },
      { cause: 'transfer/sync', seconds: 0.25e-3, savedSeconds: 0.25e-3 },
    ],
    weightsBytes: 0,
    parameters: 0,
    fileBytes: 0,
  });
  return row([], [cost], { setsPeakMemory: index === 1 });
}

function widened(index: number): DiffRow {
  const name = `backbone/stage3/${index}/conv`;
  const before = layer({ name, latencySeconds: 1.2e-3, utilization: 0.72, fileBytes: 45_000, weightsBytes: 45_000 });
  const after = layer({ name, latencySeconds: 1.8e-3, fileBytes: 90_000, weightsBytes: 90_000, macs: 17_000_000 });
  return row([before], [after], {
    match: { status: 'resized', evidence: 'scope', confidence: 0.9 },
    changes: ['widened 96→128'],
  });
}

function steady(index: number): DiffRow {
  const name = `backbone/stage${1 + (index % 2)}/${index}/conv`;
  const before = layer({ name, latencySeconds: 0.35e-3 });
  const moved = index === 7;
  const after = moved ? { ...before, latencySeconds: 0.65e-3, energyJoules: before.energyJoules } : before;
  const status = moved ? 'moved' : 'identical';
  return row([before], [after], { match: { status, evidence: 'weight-hash', confidence: 1 } });
}

/** Rows that add up to 11.6 ms: two upsamplings on the CPU, four widened convolutions, one that moved, others alike. */
export const detectorRows: readonly DiffRow[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(steady),
  ...[0, 1, 2, 3].map(widened),
  ...[1, 2].map(upsampling),
  overheadRow(20_000),
];
