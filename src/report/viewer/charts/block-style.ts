/** How blocks of timeline and memory map look. */
import { fontFamily as family } from '../../chart/font-widths.ts';
import type { ChartTheme } from '../../chart/theme.ts';
import { emphasisOf, type Look } from './view-chart.ts';

export interface BlockStyle {
  readonly fill: string;
  /** Of words on it. */
  readonly ink: string;
  readonly stroke: string;
  readonly lineWidth: number;
  readonly opacity: number;
}

export const fontFamily = family;
export const fontSize = 11;

export type BlockTone = 'strong' | 'soft' | 'alert';

export function blockStyle(tone: BlockTone, rows: readonly number[], look: Look): BlockStyle {
  const { theme } = look;
  const { opacity = 0.92, borderWidth } = emphasisOf(rows, look);
  return {
    ...tones(theme)[tone],
    opacity,
    stroke: borderWidth === undefined ? theme.background : theme.text,
    lineWidth: borderWidth ?? 0.5,
  };
}

/** Dark words on light blocks and the other way round: the palette is light where the page is dark. */
function tones(theme: ChartTheme): Readonly<Record<BlockTone, Pick<BlockStyle, 'fill' | 'ink'>>> {
  return {
    strong: { fill: theme.head, ink: theme.background },
    soft: { fill: theme.base, ink: '#0d1117' },
    alert: { fill: theme.increase, ink: '#0d1117' },
  };
}
