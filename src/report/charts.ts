/** The charts of a report, each an ECharts option that a server draws as a picture and a browser as a live chart. */
import type { EChartsCoreOption } from 'echarts/core';
import type { Drawing } from './chart/chart.ts';
import { latencyDrawing } from './chart/latency.ts';
import { memoryDrawing } from './chart/memory.ts';
import { rooflineDrawing } from './chart/roofline.ts';
import { themes, type ThemeName } from './chart/theme.ts';
import { waterfallDrawing } from './chart/waterfall.ts';
import type { Report, TargetReport } from './report.ts';

/** In the order in which a reader should see them. */
export const drawings: readonly (readonly [string, (target: TargetReport, width?: number) => Drawing | undefined])[] = [
  ['latency', latencyDrawing],
  ['waterfall', waterfallDrawing],
  ['memory', memoryDrawing],
  ['roofline', rooflineDrawing],
];

export interface Chart {
  /** Unique in the report and safe as a file name: `model-1-target-2-memory`. */
  readonly id: string;
  /** The part of the report that it shows. */
  readonly of: TargetReport;
  readonly title: string;
  readonly altText: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly option: (theme: ThemeName) => EChartsCoreOption;
}

/** Drawn by whoever asks first. */
const drawn = new WeakMap<Report, readonly Chart[]>();

/** Of every model and target of which there is something to draw, in the report's order. */
export function chartsOf(report: Report): readonly Chart[] {
  const charts = drawn.get(report) ?? drawCharts(report);
  drawn.set(report, charts);
  return charts;
}

function drawCharts(report: Report): readonly Chart[] {
  return report.models.flatMap((model, modelIndex) =>
    model.targets.flatMap((target, targetIndex) =>
      drawings.flatMap(([kind, draw]): readonly Chart[] => {
        const drawing = draw(target);
        if (drawing === undefined) return [];
        const { title, altText, width, height, option } = drawing;
        const id = `model-${modelIndex + 1}-target-${targetIndex + 1}-${kind}`;
        return [{ id, of: target, title, altText, width, height, option: (theme) => option(themes[theme]) }];
      }),
    ),
  );
}
