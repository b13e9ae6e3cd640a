/** Which columns are shown. */
import type { Column } from '../figures/column.ts';
import { changeTable } from '../state/store.ts';
import { useTable, type TableModel } from './table-model.ts';

export function ColumnMenu() {
  const model = useTable();
  const { store, shownColumns } = model;
  const columns = store.columns.value;
  const groups = [...new Set(columns.all.map(({ group }) => group))];
  return (
    <div class="column-menu">
      <p class="menu-head">
        <span>{shownColumns.value.length} columns</span>
        <button type="button" class="plain" onClick={() => changeTable(store, { columns: null })}>
          Back to the usual
        </button>
      </p>
      <div class="facets">
        {groups.map((group) => (
          <Group
            key={group}
            group={group}
            columns={columns.all.filter((column) => column.group === group)}
            {...{ model }}
          />
        ))}
      </div>
    </div>
  );
}

interface GroupProps {
  readonly group: string;
  readonly columns: readonly Column[];
  readonly model: TableModel;
}

function Group({ group, columns, model }: GroupProps) {
  const shown = model.shownColumns.value.map(({ id }) => id);
  const toggle = (id: string): void => {
    const wanted = new Set(shown);
    if (!wanted.delete(id)) wanted.add(id);
    // In the order of the list: what belongs together stands together.
    const order = model.store.columns.value.all.map((column) => column.id).filter((one) => wanted.has(one));
    changeTable(model.store, { columns: order });
  };
  return (
    <fieldset>
      <legend>
        <bdi>{group}</bdi>
      </legend>
      {columns.map(({ id, title }) => (
        <label key={id} class="choice">
          <input type="checkbox" checked={shown.includes(id)} disabled={id === 'name'} onChange={() => toggle(id)} />
          <bdi>{title.startsWith(`${group} `) ? title.slice(group.length + 1) : title}</bdi>
        </label>
      ))}
    </fieldset>
  );
}
