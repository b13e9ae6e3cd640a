/** What the page shows and what the reader chose, as signals; panels read them and write them and know no other panel. */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { DiffRow } from '../../../compare/comparison.ts';
import type { ThemeName } from '../../chart/theme.ts';
import type { PageReport, PageView } from '../../html/document.ts';
import type { ModelReport, TargetReport } from '../../report.ts';
import { columnsOf, noColumns, type Columns } from '../figures/columns.ts';
import { withWhatIf } from '../figures/what-if-columns.ts';
import { indexModules, type ModuleIndex } from '../rows/module-index.ts';
import type { Simulator } from '../worker/client.ts';
import type { WhatIfAnswer } from '../worker/protocol.ts';
import { shownAnswer, type WhatIfState } from './what-if-state.ts';
import { firstViewState, withoutRows, type Settings, type TableView, type ViewState } from './view-state.ts';

export interface Store extends Choices {
  readonly page: PageReport;
  readonly simulator: Simulator;
  readonly modelReport: ReadonlySignal<ModelReport | undefined>;
  readonly targetReport: ReadonlySignal<TargetReport | undefined>;
  readonly view: ReadonlySignal<PageView | undefined>;
  readonly modules: ReadonlySignal<ModuleIndex | undefined>;
  readonly rows: ReadonlySignal<readonly DiffRow[]>;
  /** Every metric and word of the rows, those of the what-if too. */
  readonly columns: ReadonlySignal<Columns>;
  readonly hovered: Signal<number | null>;
  readonly themeChoice: Signal<'auto' | ThemeName>;
  /** What the system asks for. */
  readonly systemTheme: Signal<ThemeName>;
  readonly theme: ReadonlySignal<ThemeName>;
  /** The answer to `edits`; see `what-if/answer.ts`. */
  readonly whatIf: Signal<WhatIfState>;
  /** As far as it is shown; null: there is none. */
  readonly answered: ReadonlySignal<WhatIfAnswer | null>;
  /** What a screen reader says next. */
  readonly announcement: Signal<string>;
}

/** What a link shares. */
interface Choices {
  /** Indices into the report; `choosePlace` changes them, since rows of one place mean nothing in another. */
  readonly model: Signal<number>;
  readonly target: Signal<number>;
  readonly table: Signal<TableView>;
  /** Rows, by index. */
  readonly selection: Signal<ReadonlySet<number>>;
  /** The row that the details are about. */
  readonly focus: Signal<number | null>;
  /** Ids of panels, the ones shown last first. */
  readonly panels: Signal<readonly string[]>;
  /** The what-if, in the one grammar; empty: none. */
  readonly edits: Signal<string>;
  /** By id of the panel: plain JSON that it alone reads; a link may hold anything in it. */
  readonly settings: Signal<Settings>;
}

export function createStore(page: PageReport, simulator: Simulator, state: ViewState = firstViewState): Store {
  const model = signal(state.model);
  const target = signal(state.target);
  const modelReport = computed(() => page.report.models[model.value]);
  const targetReport = computed(() => modelReport.value?.targets[target.value]);
  const view = computed(() => page.views[model.value]?.[target.value]);
  const themeChoice = signal<'auto' | ThemeName>('auto');
  const systemTheme = signal<ThemeName>('light');
  const plainColumns = computed(() => (targetReport.value === undefined ? noColumns : columnsOf(targetReport.value)));
  const whatIf = signal<WhatIfState>({ state: 'none' });
  const answered = computed(() => shownAnswer(whatIf.value));
  return {
    ...{ page, simulator, model, target, modelReport, targetReport, themeChoice, systemTheme },
    view,
    modules: computed(() => (view.value === undefined ? undefined : indexModules(view.value.modules))),
    rows: computed(() => targetReport.value?.layers ?? []),
    columns: computed(() => {
      const [plain, report, answer] = [plainColumns.value, targetReport.value, answered.value];
      return report === undefined || answer === null ? plain : withWhatIf(plain, report, answer);
    }),
    answered,
    table: signal(state.table),
    selection: signal(state.selection),
    focus: signal(state.focus),
    hovered: signal<number | null>(null),
    panels: signal(state.panels),
    edits: signal(state.edits),
    settings: signal(state.settings),
    theme: computed(() => (themeChoice.value === 'auto' ? systemTheme.value : themeChoice.value)),
    whatIf,
    announcement: signal(''),
  };
}

/** Reads every signal that a link shares. */
export function stateOf(store: Store): ViewState {
  return {
    model: store.model.value,
    target: store.target.value,
    table: store.table.value,
    selection: store.selection.value,
    focus: store.focus.value,
    panels: store.panels.value,
    edits: store.edits.value,
    settings: store.settings.value,
  };
}

export function setState(store: Store, state: ViewState): void {
  batch(() => {
    store.model.value = state.model;
    store.target.value = state.target;
    store.table.value = state.table;
    store.selection.value = state.selection;
    store.focus.value = state.focus;
    store.panels.value = state.panels;
    store.edits.value = state.edits;
    store.settings.value = state.settings;
    store.hovered.value = null;
  });
}

/** Another model or target: filters stay, what names rows goes. */
export function choosePlace(store: Store, model: number, target: number): void {
  setState(store, { ...withoutRows(stateOf(store)), model, target });
}

export function changeTable(store: Store, change: Partial<TableView>): void {
  store.table.value = { ...store.table.value, ...change };
}

/** Brings a panel to the front of its place. */
export function showPanel(store: Store, id: string): void {
  store.panels.value = [id, ...store.panels.value.filter((other) => other !== id)];
}

export const StoreContext = createContext<Store | null>(null);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('a panel outside of the page');
  return store;
}
