/** The panels of the page. To add one: a line here. */
import type { ComponentType } from 'preact';
import { ChartsPanel } from '../charts/charts-panel.tsx';
import { DetailsPanel } from '../details/details-panel.tsx';
import { TargetPanel } from '../details/target-panel.tsx';
import { GraphPanel } from '../graph/graph-panel.tsx';
import { TablePanel } from '../table/table-panel.tsx';
import { WhatIfPanel } from '../what-if/what-if-panel.tsx';

/** Where a panel is on a wide page; panels of one place take turns. */
export type Place = 'left' | 'top' | 'bottom';

export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly place: Place;
  readonly Content: ComponentType;
}

export const panels: readonly Panel[] = [
  { id: 'table', title: 'Table', place: 'left', Content: TablePanel },
  { id: 'graph', title: 'Graph', place: 'top', Content: GraphPanel },
  { id: 'charts', title: 'Charts', place: 'top', Content: ChartsPanel },
  { id: 'what-if', title: 'What if', place: 'top', Content: WhatIfPanel },
  { id: 'details', title: 'Details', place: 'bottom', Content: DetailsPanel },
  { id: 'target', title: 'Target', place: 'bottom', Content: TargetPanel },
];
