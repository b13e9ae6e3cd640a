/** A report's charts as pictures, light and dark. Loaded when asked for: they cost more than the review. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fontsFolder, rendererFile } from '../assets.ts';
import { chartsOf } from '../report/charts.ts';
import { pngRenderer, type PngRenderer } from '../report/png.ts';
import type { Report } from '../report/report.ts';
import { renderSvg } from '../report/svg.ts';
import { rememberPictures } from './picture-memory.ts';

export interface ChartImage {
  /** As in the report's charts; safe as a file name. */
  readonly id: string;
  readonly theme: 'light' | 'dark';
  readonly svg: string;
  readonly png: Uint8Array;
}

const themes = ['light', 'dark'] as const;

let renderer: Promise<PngRenderer> | undefined;

async function openRenderer(): Promise<PngRenderer> {
  const draw = await pngRenderer(rendererBytes(), readFileSync(new URL('DejaVuSans.ttf', fontsFolder)));
  return rememberPictures(draw);
}

/** One after the other, each drawn when asked for; in the order of the charts, the light one first. `ids`: only these. */
export async function* chartImages(report: Report, ids?: ReadonlySet<string>): AsyncGenerator<ChartImage> {
  const draw = await (renderer ??= openRenderer());
  for (const chart of chartsOf(report).filter(({ id }) => ids?.has(id) ?? true)) {
    for (const theme of themes) {
      const svg = renderSvg(chart, theme);
      yield { id: chart.id, theme, svg, png: draw(svg) };
    }
  }
}

function rendererBytes(): Uint8Array {
  const besideBundle = existsSync(rendererFile);
  return readFileSync(
    besideBundle ? rendererFile : createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm'),
  );
}
