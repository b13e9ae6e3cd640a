/** Rectangles between two values of x and of y: what ECharts calls a custom series. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import { fitPixels } from '../../chart/font-widths.ts';
import { fontFamily, fontSize, type BlockStyle } from './block-style.ts';

export interface Block {
  readonly x: readonly [number, number];
  /** From the lower to the upper edge. */
  readonly y: readonly [number, number];
  readonly style: BlockStyle;
  /** Written inside where there is room. */
  readonly label: string;
}

const roomForLabel = 44;
const heightForLabel = 15;

export function blockSeries(name: string, blocks: readonly Block[]): object {
  return {
    name,
    type: 'custom',
    clip: true,
    // [from, to, lower, upper]
    dimensions: ['from', 'to', 'lower', 'upper'],
    encode: { x: [0, 1], y: [2, 3] },
    data: blocks.map(({ x, y, style }) => ({ value: [...x, ...y], itemStyle: { color: style.fill } })),
    // Typed as of any coordinate system; that of a grid has an area.
    renderItem: (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) =>
      drawn(blocks[params.dataIndex]!, params.coordSys as unknown as Area, api),
  };
}

/** Of the plot, in pixels. */
interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function drawn({ x, y, style, label }: Block, area: Area, api: CustomSeriesRenderItemAPI): object | undefined {
  const [[left, bottom], [right, top]] = [api.coord([x[0], y[0]]), api.coord([x[1], y[1]])] as [number[], number[]];
  const from = Math.max(left!, area.x);
  const to = Math.min(Math.max(right!, left! + 1), area.x + area.width);
  if (to <= from) return undefined;
  const shape = { x: from, y: top!, width: to - from, height: Math.max(1, bottom! - top!) };
  const isTold = label !== '' && shape.width > roomForLabel && shape.height > heightForLabel;
  return {
    type: 'rect',
    shape,
    style: {
      fill: style.fill,
      stroke: style.stroke,
      lineWidth: shape.width < 4 ? 0 : style.lineWidth,
      opacity: style.opacity,
    },
    emphasis: { style: { stroke: style.ink, lineWidth: 2 } },
    ...(isTold ? { textContent: words(label, style, shape.width), textConfig: { position: 'inside' } } : {}),
  };
}

function words(label: string, { ink }: BlockStyle, width: number): object {
  const text = fitPixels(label, width - 8, fontSize);
  return { type: 'text', silent: true, style: { text, fill: ink, fontSize, fontFamily } };
}
