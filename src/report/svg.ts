/** Charts as SVG, drawn without a browser. Loads the chart library: import it only where charts are wanted. */
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, setPlatformAPI, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import { textPixels } from './chart/font-widths.ts';
import { guardTextCache } from './chart/text-cache.ts';
import type { ThemeName } from './chart/theme.ts';
import type { Chart } from './charts.ts';

/** The same chart gives the same bytes on every machine and however many were drawn before. */
export function renderSvg(chart: Chart, theme: ThemeName): string {
  guardTextCache();
  use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, TitleComponent, LabelLayout, SVGRenderer]);
  setPlatformAPI({ measureText: (text, font) => ({ width: textPixels(text, sizeOf(font)) }) });
  const drawn = init(null, null, { renderer: 'svg', ssr: true, width: chart.width, height: chart.height });
  try {
    drawn.setOption(chart.option(theme));
    return asPicture(drawn.renderToSVGString());
  } finally {
    drawn.dispose();
  }
}

/** `bold 16px DejaVu Sans` → 16 */
function sizeOf(font: string | undefined): number {
  return Number(/(\d+(?:\.\d+)?)px/.exec(font ?? '')?.[1] ?? 12);
}

/** Without what only serves a mouse: classes and styles of hovering, indexes for event handlers. */
export function asPicture(svg: string): string {
  const still = svg.replace(/<style >[^]*?<\/style>/g, '').replace(/ (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, '');
  return withFixedIds(still);
}

/** Ids count all charts of the process; here they count those of one picture. */
function withFixedIds(svg: string): string {
  const ids = new Map<string, string>();
  return svg.replace(/\bzr\d+-\w+/g, (id) => {
    const fixed = ids.get(id) ?? `id-${ids.size}`;
    ids.set(id, fixed);
    return fixed;
  });
}
