/** What can happen to models, and what they can be called. */
import type { Report } from '../../src/report/report.ts';
import { power, size, broken } from './budgets.ts';
import {
  appeared,
  detectorRows,
  layer,
  modelReport,
  overheadRow,
  report,
  row,
  targetReport,
  timeline,
  total,
  totals,
  vanished,
} from './reports.ts';

const raspberry = {
  id: 'rpi4-xnnpack',
  name: 'Raspberry Pi 4, XNNPACK (4 threads)',
  status: 'calibrated',
  runtime: 'xnnpack 2022-02',
  clockHertz: 1.5e9,
} as const;

const unchangedRows = [0, 1, 2].map((index) => {
  const same = layer({ name: `backbone/${index}/conv`, latencySeconds: 7.13e-3 });
  return row([same], [same]);
});

const unchangedTotals = totals({
  latencySeconds: total(0.0214, 0.0214, 0.08),
  energyJoules: total(0.0031, 0.0031, 0.25),
  averagePowerWatts: total(0.102, 0.102, 0.25),
  fileBytes: total(4.1e6, 4.1e6),
  weightsBytes: total(3.9e6, 3.9e6),
  parameters: total(3.9e6, 3.9e6),
  macs: total(3e8, 3e8),
  cpuFallbackLayers: total(0, 0),
});

const unchangedTarget = targetReport({ layers: unchangedRows, totals: unchangedTotals, budgets: [power] });

const hostile = [
  'a|b\n@octo/team #12 https://evil.example',
  '`` ` ```</details><img src=x onerror=alert(1)>',
  '<!-- model-budget:v1 id=default head=0000 -->',
  '\u202egpj.exe\u200b\u0000 [link](javascript:alert(1)) ![x](http://evil.example/y.png)',
  '::error::now you see me',
].map((name, index) => row([], [layer({ name, op: name, latencySeconds: (5 - index) * 1e-3 })], { changes: [name] }));

export const modelCases: Readonly<Record<string, Report>> = {
  'added-model': report({
    models: [
      modelReport({
        status: 'added',
        targets: [
          targetReport({
            budgets: [size],
            totals: totals({
              latencySeconds: appeared(0.0089, 0.08),
              energyJoules: appeared(0.0013, 0.25),
              averagePowerWatts: appeared(0.04, 0.25),
              peakMemoryBytes: appeared(411648),
              fileBytes: appeared(4.3e6),
              weightsBytes: appeared(4.08e6),
              parameters: appeared(4.08e6),
              macs: appeared(4.2e8),
              cpuFallbackLayers: appeared(2),
            }),
            layers: [...detectorRows.filter(({ base, head }) => base.length === 0 && head.length > 0), overheadRow(90)],
            memoryTimeline: { base: null, head: timeline([210_000, 411_648, 180_000]) },
          }),
        ],
      }),
    ],
  }),
  'removed-model': report({
    models: [
      modelReport({
        status: 'removed',
        targets: [
          targetReport({
            totals: totals({
              latencySeconds: vanished(0.0214),
              energyJoules: vanished(0.0031),
              averagePowerWatts: vanished(0.102),
              peakMemoryBytes: vanished(411648),
              fileBytes: vanished(4.1e6),
            }),
            layers: unchangedRows.map(({ base }) => row(base, [])),
            memoryTimeline: { base: timeline([1, 2, 3]), head: null },
          }),
        ],
      }),
    ],
  }),
  identical: report({ models: [modelReport({ change: 'identical', targets: [unchangedTarget] })] }),
  retrained: report({ models: [modelReport({ change: 'retrained', targets: [unchangedTarget] })] }),
  'no-models': report({ models: [] }),
  'hostile-names': report({
    head: { ref: '<!-- x -->`@octo`|#1', sha: 'c'.repeat(40) },
    notes: ['config of `@octo/team` ignored: see https://evil.example/#1 or ping @octo, www.evil.example'],
    models: [
      modelReport({
        path: 'models/@octo|`x`\u202e/evil<!-- -->.onnx',
        warnings: ['1. `@octo` </details> says #7', '- [x](y)'],
        targets: [targetReport({ layers: hostile, assumptions: ['assumed int8 by @octo/team'] })],
      }),
    ],
  }),
  'several-models-and-targets': report({
    verdict: 'fail',
    notes: ['The config changes in this pull request; it takes effect after merge.'],
    models: [
      modelReport({ path: 'models/keywords.onnx', change: 'identical', targets: [unchangedTarget] }),
      modelReport({ path: 'models/speech.onnx', change: 'retrained', targets: [unchangedTarget] }),
      modelReport({
        path: 'models/segmenter.onnx',
        targets: [
          targetReport({ layers: unchangedRows.slice(0, 2), totals: unchangedTotals }),
          targetReport({ target: raspberry, assumptions: [], budgets: [size] }),
        ],
      }),
      modelReport({
        path: 'models/detector.onnx',
        previousPath: 'models/old/detector.onnx',
        status: 'renamed',
        verdict: 'fail',
        targets: [
          targetReport({ target: raspberry, assumptions: [], budgets: [size] }),
          targetReport({ verdict: 'fail', budgets: broken }),
        ],
      }),
    ],
  }),
};
