/** The panels beside one another, or one at a time where the window is narrow. */
import { useSignal, type Signal } from '@preact/signals';
import { showPanel, useStore, type Store } from '../state/store.ts';
import { panels, type Panel, type Place } from './panels.ts';
import { Splitter, usualPercent } from './splitter.tsx';
import { Tabs } from './tabs.tsx';
import { useFirstPaint } from './use-first-paint.ts';
import { useMedia, wideEnough } from './use-media.ts';

export function Workspace() {
  const store = useStore();
  const isWide = useMedia(wideEnough);
  const column = useSignal<number>(usualPercent.column);
  const row = useSignal<number>(usualPercent.row);
  if (!isWide) {
    return (
      <main class="workspace narrow" id="workspace">
        <PanelGroup store={store} panels={panels} name="Panels" />
      </main>
    );
  }
  return <WideWorkspace {...{ store, column, row }} />;
}

interface WideWorkspaceProps {
  readonly store: Store;
  /** Percent of the left and of the upper part. */
  readonly column: Signal<number>;
  readonly row: Signal<number>;
}

function WideWorkspace({ store, column, row }: WideWorkspaceProps) {
  const at = (place: Place): readonly Panel[] => panels.filter((panel) => panel.place === place);
  const [top, bottom] = [at('top'), at('bottom')];
  const sizes = { '--left': `${column.value}fr`, '--right': `${100 - column.value}fr` };
  const isTableSeen = useFirstPaint();
  const heights = { '--upper': `${row.value}fr`, '--lower': `${100 - row.value}fr` };
  return (
    <main class="workspace wide" id="workspace" style={sizes}>
      <PanelGroup store={store} panels={at('left')} name="Layers" />
      <Splitter position={column} direction="column" name="Width of the table" />
      <div class={top.length > 0 ? 'right-side split' : 'right-side'} style={heights}>
        {top.length > 0 ? (
          <>
            <PanelGroup store={store} panels={top} name="Pictures and what-ifs" isLater={!isTableSeen} />
            <Splitter position={row} direction="row" name="Height of the upper panels" />
          </>
        ) : null}
        <PanelGroup store={store} panels={bottom} name="Details" />
      </div>
    </main>
  );
}

interface PanelGroupProps {
  readonly store: Store;
  readonly panels: readonly Panel[];
  readonly name: string;
  /** Its place is kept, and the panel comes when something else has been painted. */
  readonly isLater?: boolean;
}

/** The panel that was shown last is in front. */
function PanelGroup({ store, panels: own, name, isLater = false }: PanelGroupProps) {
  const front = store.panels.value.find((id) => own.some((panel) => panel.id === id));
  const shown = own.find(({ id }) => id === front) ?? own[0]!;
  const { Content } = shown;
  return (
    <section class="panel-group" aria-label={name}>
      <Tabs panels={own} shown={shown.id} choose={(id) => showPanel(store, id)} name={name} />
      <div
        class={`panel panel-${shown.id}`}
        {...(own.length > 1
          ? { role: 'tabpanel', id: `panel-${shown.id}`, tabIndex: 0, 'aria-labelledby': `tab-${shown.id}` }
          : { id: `panel-${shown.id}`, role: 'region', tabIndex: 0, 'aria-label': shown.title })}
      >
        {own.length > 1 ? <h2 class="off-screen">{shown.title}</h2> : null}
        {isLater ? null : <Content />}
      </div>
    </section>
  );
}
