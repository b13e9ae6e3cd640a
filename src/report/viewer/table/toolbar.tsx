/** What is above the table: search, filters, columns, modules, copies. */
import { useId, useMemo } from 'preact/hooks';
import { Popover } from '../shell/popover.tsx';
import { changeTable } from '../state/store.ts';
import { allModules } from '../figures/modules.ts';
import { ColumnMenu } from './column-menu.tsx';
import { copyRows, downloadRows } from './export.ts';
import { FilterMenu } from './filter-menu.tsx';
import { hasParts } from './lines.ts';
import { useTable, type TableModel } from './table-model.ts';

export function Toolbar() {
  const model = useTable();
  return (
    <div class="toolbar" role="group" aria-label="Table">
      <Search model={model} />
      <ChangedOnly model={model} />
      <Popover label="Filter" name="Filter rows" wide>
        <FilterMenu />
      </Popover>
      <Popover label="Columns" name="Choose columns" wide>
        <ColumnMenu />
      </Popover>
      {model.hasModules.value ? <Modules model={model} /> : null}
      <span class="space" />
      <button
        type="button"
        title="Selected rows, else all shown, for a spreadsheet"
        onClick={() => void copyRows(model)}
      >
        Copy
      </button>
      <button type="button" title="All shown rows, in SI units" onClick={() => downloadRows(model)}>
        CSV
      </button>
    </div>
  );
}

function Search({ model }: { readonly model: TableModel }) {
  const id = useId();
  return (
    <>
      <label for={id} class="off-screen">
        Search layers, source nodes and operators; * stands for anything
      </label>
      <input
        id={id}
        type="search"
        class="search"
        placeholder="Search: conv, */attn/*"
        value={model.store.table.value.search}
        onInput={(event) => changeTable(model.store, { search: event.currentTarget.value })}
      />
    </>
  );
}

function ChangedOnly({ model: { store } }: { readonly model: TableModel }) {
  const { facets } = store.table.value;
  const chosen = facets.changed?.has('changed') ?? false;
  const toggle = (): void =>
    changeTable(store, { facets: { ...facets, changed: chosen ? new Set() : new Set(['changed']) } });
  return (
    <button type="button" class="toggle" aria-pressed={chosen} onClick={toggle}>
      Changed
    </button>
  );
}

function Modules({ model: { store, grouped } }: { readonly model: TableModel }) {
  const isOn = grouped.value;
  const openAll = (): void => {
    const root = store.view.value?.modules;
    const openModules = new Set(root === undefined ? [] : allModules(root).map(({ id }) => id));
    changeTable(store, { openModules });
  };
  return (
    <>
      <button
        type="button"
        class="toggle"
        aria-pressed={isOn}
        onClick={() => changeTable(store, { grouped: !isOn })}
        title="Rows under the modules they stand in, with sums"
      >
        Modules
      </button>
      {isOn ? (
        <>
          <button type="button" onClick={openAll}>
            Expand<span class="off-screen"> all modules</span>
          </button>
          <button type="button" onClick={() => changeTable(store, { openModules: new Set(), openRows: new Set() })}>
            Collapse<span class="off-screen"> all modules</span>
          </button>
        </>
      ) : (
        <OpenRows model={{ store }} />
      )}
    </>
  );
}

/** Without modules there are still layers made of several nodes. */
function OpenRows({ model: { store } }: { readonly model: Pick<TableModel, 'store'> }) {
  const rows = store.rows.value;
  const { openRows } = store.table.value;
  const all = useMemo(() => new Set(rows.flatMap((row, index) => (hasParts(row) ? [index] : []))), [rows]);
  if (all.size === 0) return null;
  const isOn = openRows.size > 0;
  return (
    <button
      type="button"
      class="toggle"
      aria-pressed={isOn}
      title="What fused layers are made of"
      onClick={() => changeTable(store, { openRows: isOn ? new Set() : all })}
    >
      Nodes
    </button>
  );
}
