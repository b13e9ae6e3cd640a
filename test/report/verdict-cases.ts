/** One report for each way in which a review can end. */
import type { Waiver } from '../../src/compare/comparison.ts';
import type { Report } from '../../src/report/report.ts';
import { power, peak, size, broken } from './budgets.ts';
import {
  budget,
  detectorRows,
  layer,
  modelReport,
  report,
  row,
  targetReport,
  timeline,
  total,
  totals,
} from './reports.ts';

const notMeasuredTotals = totals({
  latencySeconds: total(0.0214, null),
  energyJoules: total(0.0031, null),
  averagePowerWatts: total(0.102, null),
  peakMemoryBytes: total(411648, null),
  macs: total(3e8, null),
  parameters: total(3.9e6, null),
  weightsBytes: total(3.9e6, null),
  cpuFallbackLayers: total(0, null),
});

const acceptedLatency: Waiver = {
  id: 'comment-17',
  who: 'mona',
  when: '2026-03-01',
  why: 'the next board is faster, see #482',
  until: '2026-03-31',
  metric: 'latency',
  target: 'ethos-u55-256',
  values: [
    { model: 'models/detector.onnx', target: 'ethos-u55-256', actual: 0.033 },
    { model: 'models/detector.onnx', target: 'ethos-u55-256', layer: 'neck/*', actual: 0.0089 },
  ],
};

export const verdictCases: Readonly<Record<string, Report>> = {
  'passes-all-budgets': report({
    models: [modelReport({ targets: [targetReport({ budgets: [power, peak, size] })] })],
  }),
  'fails-two-budgets': report({
    verdict: 'fail',
    models: [modelReport({ verdict: 'fail', targets: [targetReport({ verdict: 'fail', budgets: broken })] })],
  }),
  'warns-by-band': report({
    verdict: 'warn',
    models: [
      modelReport({
        verdict: 'warn',
        targets: [
          targetReport({
            verdict: 'warn',
            budgets: [
              budget({
                limit: 0.032,
                verdict: 'warn',
                reason: '33.0 ms is over the limit of 32.0 ms, but the low end of its band is not',
              }),
              size,
            ],
          }),
        ],
      }),
    ],
  }),
  'not-measured': report({
    verdict: 'not-measured',
    models: [
      modelReport({
        verdict: 'not-measured',
        change: 'not-measured',
        errors: ['head: the dimension `sequence` of input `tokens` has no value; set models[].dims.sequence'],
        targets: [
          targetReport({
            verdict: 'not-measured',
            assumptions: [],
            budgets: [
              budget({ actual: null, verdict: 'not-measured', reason: 'the dimension `sequence` has no value' }),
              size,
            ],
            totals: notMeasuredTotals,
            layers: [],
            coverage: 0,
            memoryTimeline: { base: timeline([1, 2, 3]), head: null },
          }),
        ],
      }),
    ],
  }),
  waived: report({
    verdict: 'waived',
    evaluatedOn: '2026-03-02',
    waivers: [acceptedLatency],
    models: [
      modelReport({
        verdict: 'waived',
        targets: [
          targetReport({
            verdict: 'waived',
            budgets: [
              budget({
                verdict: 'waived',
                verdicts: { max: 'fail', maxIncrease: null },
                reason: '33.0 ms is over the limit of 30.0 ms',
                waiver: acceptedLatency,
                accepted: 0.033,
              }),
              size,
            ],
          }),
        ],
      }),
    ],
  }),
  'waiver-lapsed': report({
    verdict: 'fail',
    evaluatedOn: '2026-04-02',
    waivers: [acceptedLatency],
    models: [
      modelReport({
        verdict: 'fail',
        targets: [
          targetReport({
            verdict: 'fail',
            budgets: [
              budget({
                verdict: 'fail',
                verdicts: { max: 'fail', maxIncrease: null },
                reason: '33.0 ms is over the limit of 30.0 ms',
                lapsed: { waiver: acceptedLatency, cause: 'worse', accepted: 0.032 },
              }),
              budget({
                layer: 'neck/*',
                limit: 0.004,
                actual: 0.0089,
                verdict: 'fail',
                verdicts: { max: 'fail', maxIncrease: null },
                reason: '8.90 ms is over the limit of 4.00 ms',
                lapsed: { waiver: acceptedLatency, cause: 'expired', accepted: 0.0089 },
              }),
              size,
            ],
          }),
        ],
      }),
    ],
  }),
  'no-budgets': report(),
  'unknown-operators': report({
    verdict: 'not-measured',
    models: [
      modelReport({
        verdict: 'not-measured',
        warnings: ['weights not available: model.onnx.data is not there'],
        targets: [
          targetReport({
            verdict: 'not-measured',
            unknownOperators: [{ operator: 'com.example.Warp', count: 3 }],
            coverage: 0.942,
            budgets: [
              budget({ actual: null, verdict: 'not-measured', reason: 'the cost of com.example.Warp is not known' }),
              size,
            ],
            memoryTimeline: { base: timeline([200_000, 300_000]), head: timeline([200_000, 700_000]) },
          }),
        ],
      }),
    ],
  }),
  'doubtful-matches-and-suggestions': report({
    verdict: 'fail',
    models: [
      modelReport({
        verdict: 'fail',
        targets: [
          targetReport({
            verdict: 'fail',
            budgets: [
              budget({
                layer: 'neck/*',
                limit: 0.004,
                actual: 0.0089,
                base: 0,
                verdict: 'fail',
                reason: '8.90 ms is over the limit of 4.00 ms',
              }),
            ],
            layers: [
              ...detectorRows,
              row(
                [layer({ name: 'head/a' }), layer({ name: 'head/b' })],
                [layer({ name: 'head/ab', latencySeconds: 3e-3 })],
                {
                  match: { status: 'fused', evidence: 'aligned', confidence: 0.4 },
                },
              ),
              row([], [layer({ name: 'tower/7/conv', latencySeconds: 1e-3 })], {
                match: { status: 'copy', evidence: 'structure', confidence: 1 },
              }),
            ],
            suggestions: [
              { edits: 'int8 on neck/*', touched: ['neck/up1/Resize'], totals: { latencySeconds: 0.0249 } },
              { edits: 'resize x:1x3x192x192', touched: [], totals: { latencySeconds: 0.021, fileBytes: 4.3e6 } },
            ],
          }),
        ],
      }),
    ],
  }),
};
