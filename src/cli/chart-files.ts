/** Charts of a report as files: PNG to look at and to attach, SVG to zoom into; light and dark. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fontsFolder } from '../assets.ts';
import { chartsOf } from '../report/charts.ts';
import type { ImageAddresses } from '../report/pictures.ts';
import { pngRenderer } from '../report/png.ts';
import type { Report } from '../report/report.ts';
import { renderSvg } from '../report/svg.ts';

const themes = ['light', 'dark'] as const;

/**
 * Writes every chart into `folder`. The addresses are relative to where `output` lies (or to the working folder), so
 * that the Markdown shows them wherever both are moved together.
 */
export async function writeCharts(
  report: Report,
  folder: string,
  output: string | undefined,
): Promise<ReadonlyMap<string, ImageAddresses>> {
  const charts = chartsOf(report);
  mkdirSync(folder, { recursive: true });
  const toPng = await pngRenderer(wasmBytes(), readFileSync(new URL('DejaVuSans.ttf', fontsFolder)));
  const from = output === undefined ? '.' : dirname(output);
  return new Map(
    charts.map((chart) => {
      const [light, dark] = themes.map((theme) => {
        const svg = renderSvg(chart, theme);
        writeFileSync(join(folder, `${chart.id}-${theme}.svg`), svg);
        const png = join(folder, `${chart.id}-${theme}.png`);
        writeFileSync(png, toPng(svg));
        return encodeURI(relative(resolve(from), resolve(png)).split(sep).join('/'));
      });
      return [chart.id, { light: light ?? '', ...(dark === undefined ? {} : { dark }) }];
    }),
  );
}

function wasmBytes(): Uint8Array {
  return readFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm'));
}
