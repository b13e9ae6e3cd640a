/** All that a link shares, as plain values: what the reader looks at, and what he chose. */
import { graphWithoutRows } from '../graph/settings.ts';

export interface ViewState {
  /** Indices into the report. */
  readonly model: number;
  readonly target: number;
  readonly table: TableView;
  /** Rows, by index. */
  readonly selection: ReadonlySet<number>;
  readonly focus: number | null;
  /** Panels, the ones shown last first; empty: as the page begins. */
  readonly panels: readonly string[];
  readonly edits: string;
  /** What a panel keeps for itself, by its id: plain JSON. */
  readonly settings: Settings;
}

export type Settings = Readonly<Record<string, unknown>>;

export interface TableView {
  /** Null: as it suits the report. */
  readonly sort: Sort | null;
  readonly search: string;
  readonly facets: Facets;
  readonly ranges: readonly ValueRange[];
  /** Ids of columns from left to right; null: as it suits the report. */
  readonly columns: readonly string[] | null;
  /** Whether rows stand under their modules. */
  readonly grouped: boolean;
  /** Ids of open modules. */
  readonly openModules: ReadonlySet<string>;
  /** Rows that show what they are made of. */
  readonly openRows: ReadonlySet<number>;
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
  /** By size, whatever the sign. */
  readonly absolute: boolean;
}

export const facetNames = ['changed', 'op', 'unit', 'status', 'cause', 'bound', 'dtype'] as const;
export type FacetName = (typeof facetNames)[number];

/** Chosen values of each; a facet that is not there, or is empty, lets every row through. */
export type Facets = Readonly<Partial<Record<FacetName, ReadonlySet<string>>>>;

/** Rows whose value in a column is in between, in SI units. */
export interface ValueRange {
  readonly column: string;
  readonly above: number | null;
  readonly below: number | null;
}

export const firstTableView: TableView = {
  ...{ sort: null, search: '', facets: {}, ranges: [], columns: null, grouped: false },
  ...{ openModules: new Set(), openRows: new Set() },
};

export const firstViewState: ViewState = {
  ...{ model: 0, target: 0, table: firstTableView, selection: new Set(), focus: null },
  ...{ panels: [], edits: '', settings: {} },
};

/** The same without what names rows of one model on one target: elsewhere they are others. */
export function withoutRows(state: ViewState): ViewState {
  const { openModules, openRows } = firstTableView;
  const { graph, ...settings } = state.settings;
  return {
    ...state,
    table: { ...state.table, openModules, openRows },
    selection: new Set(),
    focus: null,
    settings: graph === undefined ? settings : { ...settings, graph: graphWithoutRows(graph) },
  };
}
