/** What the page shows and what the reader chose, as signals; panels read them and write them and know no other panel. */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { DiffRow } from '../../../compare/comparison.ts';
import type { ThemeName } from '../../chart/theme.ts';
import type { PageReport, PageView } from '../../html/document.ts';
import type { ModelReport, TargetReport } from '../../report.ts';
import type { Simulator } from '../worker/client.ts';

export interface Store {
  readonly page: PageReport;
  readonly simulator: Simulator;
  /** Indices into the report. */
  readonly model: Signal<number>;
  readonly target: Signal<number>;
  readonly modelReport: ReadonlySignal<ModelReport | undefined>;
  readonly targetReport: ReadonlySignal<TargetReport | undefined>;
  readonly view: ReadonlySignal<PageView | undefined>;
  readonly rows: ReadonlySignal<readonly DiffRow[]>;
  /** Rows, by index. */
  readonly selection: Signal<ReadonlySet<number>>;
  /** The row that the details are about. */
  readonly focus: Signal<number | null>;
  readonly hovered: Signal<number | null>;
  /** The what-if, in the one grammar; empty: none. */
  readonly edits: Signal<string>;
  /** By id of the panel: plain JSON that it alone reads; a link may hold anything in it. */
  readonly settings: Signal<Readonly<Record<string, unknown>>>;
  readonly theme: ReadonlySignal<ThemeName>;
}

export function createStore(page: PageReport, simulator: Simulator): Store {
  const model = signal(0);
  const target = signal(0);
  const modelReport = computed(() => page.report.models[model.value]);
  const targetReport = computed(() => modelReport.value?.targets[target.value]);
  return {
    ...{ page, simulator, model, target, modelReport, targetReport },
    view: computed(() => page.views[model.value]?.[target.value]),
    rows: computed(() => targetReport.value?.layers ?? []),
    selection: signal<ReadonlySet<number>>(new Set()),
    focus: signal<number | null>(null),
    hovered: signal<number | null>(null),
    edits: signal(''),
    settings: signal<Readonly<Record<string, unknown>>>({}),
    theme: signal<ThemeName>(globalThis.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'),
  };
}

export const StoreContext = createContext<Store | null>(null);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('a panel outside of the page');
  return store;
}
