/**
 * Colours of charts: Okabe and Ito's palette for colour-blind readers (Color Universal Design, 2008), lightened on
 * GitHub's dark background. Base and head also differ in lightness, gains and losses also in direction.
 */
import { fontFamily } from './font-widths.ts';

export interface ChartTheme {
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly base: string;
  readonly head: string;
  readonly increase: string;
  readonly decrease: string;
  readonly limit: string;
}

export const themes = {
  light: {
    background: '#ffffff',
    text: '#1f2328',
    muted: '#59636e',
    grid: '#d1d9e0',
    base: '#9aa4ae',
    head: '#0072b2',
    increase: '#d55e00',
    decrease: '#009e73',
    limit: '#cc79a7',
  },
  dark: {
    background: '#0d1117',
    text: '#f0f6fc',
    muted: '#9198a1',
    grid: '#3d444d',
    base: '#7d8590',
    head: '#56b4e9',
    increase: '#e69f00',
    decrease: '#2fc79a',
    limit: '#e5a6c9',
  },
} as const satisfies Readonly<Record<string, ChartTheme>>;

export type ThemeName = keyof typeof themes;

export const chartWidth = 960;
export const fontSize = { title: 16, text: 12 } as const;

/** Room above the plot for title, message and legend; without a legend it begins higher. */
export const plotTop = 86;
export const plotTopWithoutLegend = 62;

export function textStyle(theme: ChartTheme): {
  readonly color: string;
  readonly fontSize: number;
  readonly fontFamily: string;
} {
  return { color: theme.text, fontSize: fontSize.text, fontFamily };
}
