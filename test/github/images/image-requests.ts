/** Reports with few charts, so that tests draw little. */
import type { ImageRequest } from '../../../src/github/images/host.ts';
import type { Report, TargetReport } from '../../../src/report/report.ts';
import { layer, modelReport, report, row, targetReport, total, totals } from '../../report/reports.ts';

/** One model, one layer that got slower: charts of latency, of what changed it, and of its utilization. */
export function slower(headSeconds = 3e-3, path = 'models/detector.onnx'): Report {
  return report({ models: [model(headSeconds, path)] });
}

export function model(headSeconds: number, path: string): Report['models'][number] {
  const base = layer({ latencySeconds: 2e-3 });
  const layers = [row([base], [{ ...base, latencySeconds: headSeconds }])];
  return modelReport({ path, targets: [target(layers, totals({ latencySeconds: total(2e-3, headSeconds) }))] });
}

function target(layers: TargetReport['layers'], sums: TargetReport['totals']): TargetReport {
  return targetReport({ layers, totals: sums, memoryTimeline: { base: null, head: null } });
}

/** One chart, of the latency: there is no base. */
export function added(): Report {
  const layers = [row([], [layer({ macs: 0, latencySeconds: 2e-3 })])];
  const targets = [target(layers, totals({ latencySeconds: total(null, 2e-3) }))];
  return report({ models: [modelReport({ status: 'added', targets })] });
}

export function imageRequest(overrides: Partial<ImageRequest> = {}): ImageRequest {
  return {
    ...{ report: slower(), charts: 'auto', pullRequest: 12, isPrivate: false, apiUrl: 'https://api.github.com' },
    ...overrides,
  };
}
