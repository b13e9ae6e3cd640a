/** The parts of the chart library that the page needs. */
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  LegendComponent,
  TitleComponent,
  TooltipComponent,
} from 'echarts/components';
import { use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import { guardTextCache } from '../../chart/text-cache.ts';

guardTextCache();

use([
  ...[BarChart, CustomChart, LineChart, ScatterChart],
  ...[GridComponent, LegendComponent, TitleComponent, TooltipComponent],
  ...[DataZoomInsideComponent, DataZoomSliderComponent],
  ...[LabelLayout, CanvasRenderer, SVGRenderer],
]);

export { init, type ECharts, type EChartsCoreOption } from 'echarts/core';
