/** A chart as a file: PNG of twice its size, or SVG. */
import { themes, type ThemeName } from '../../chart/theme.ts';
import { asPicture } from '../../svg.ts';
import { downloadBlob } from '../shell/hand-over.ts';
import { init } from './echarts.ts';
import { wholeAxis, type ViewChart } from './view-chart.ts';

export type PictureKind = 'png' | 'svg';

export interface SaveSetting {
  readonly theme: ThemeName;
  readonly selection: ReadonlySet<number>;
  /** Without its ending. */
  readonly name: string;
}

/** As in the comment. */
const usualWidth = 960;

export async function savePicture(chart: ViewChart, kind: PictureKind, setting: SaveSetting): Promise<void> {
  const picture =
    kind === 'svg' ? new Blob([svgOf(chart, setting)], { type: 'image/svg+xml' }) : await pngOf(chart, setting);
  downloadBlob(`${setting.name}.${kind}`, picture);
}

function optionOf(chart: ViewChart, { theme, selection }: SaveSetting) {
  const width = usualWidth;
  return { width, option: chart.shown({ theme: themes[theme], width, selection, window: wholeAxis }).option };
}

export function svgOf(chart: ViewChart, setting: SaveSetting): string {
  const { width, option } = optionOf(chart, setting);
  const drawn = init(null, null, { renderer: 'svg', ssr: true, width, height: chart.height });
  try {
    drawn.setOption(option);
    return asPicture(drawn.renderToSVGString());
  } finally {
    drawn.dispose();
  }
}

async function pngOf(chart: ViewChart, setting: SaveSetting): Promise<Blob> {
  const { width, option } = optionOf(chart, setting);
  const canvas = document.createElement('canvas');
  const drawn = init(canvas, null, { renderer: 'canvas', devicePixelRatio: 2, width, height: chart.height });
  try {
    drawn.setOption(option);
    drawn.getZr().flush();
    return await new Promise((resolve, reject) => {
      canvas.toBlob(
        (blob) => (blob === null ? reject(new Error('the picture is too large')) : resolve(blob)),
        'image/png',
      );
    });
  } finally {
    drawn.dispose();
  }
}

/** `detector-onnx-ethos-u55-128-timeline-head`: letters that every file system takes. */
export function fileName(parts: readonly string[]): string {
  const words = parts.map((part) =>
    part
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(-40),
  );
  return words.filter((word) => word !== '').join('-') || 'chart';
}
