/** The filters that are on, each with a button that takes it away. */
import { visibleName } from '../../inert.ts';
import { changeTable } from '../state/store.ts';
import type { TableView } from '../state/view-state.ts';
import { facets } from './facets.ts';
import { isFiltered } from './filter.ts';
import { useTable, type TableModel } from './table-model.ts';
import { printRange } from './values.ts';

interface Chip {
  readonly words: string;
  readonly without: Partial<TableView>;
}

export function FilterChips() {
  const model = useTable();
  const { store } = model;
  const table = store.table.value;
  if (!isFiltered(table)) return null;
  const [shown, all] = [model.passing.value.length, store.rows.value.length];
  return (
    <div class="chips" role="group" aria-label="Filters that are on">
      <span class="hint">
        {shown} of {all}
      </span>
      {chips(model).map(({ words, without }) => (
        <button
          key={words}
          type="button"
          class="chip"
          title={visibleName(words, 300)}
          onClick={() => changeTable(store, without)}
        >
          <bdi class="chip-words">{visibleName(words, 120)}</bdi>
          <span class="off-screen"> (remove)</span>
          <span aria-hidden="true">×</span>
        </button>
      ))}
      <button type="button" class="plain" onClick={() => changeTable(store, { search: '', facets: {}, ranges: [] })}>
        Clear all
      </button>
    </div>
  );
}

function chips({ store }: TableModel): readonly Chip[] {
  const { search, facets: chosen, ranges } = store.table.value;
  const ofFacets = facets.flatMap(({ name, title }) =>
    [...(chosen[name] ?? [])].map((value): Chip => {
      const left = new Set([...chosen[name]!].filter((other) => other !== value));
      return {
        words: name === 'changed' ? value : `${title}: ${value}`,
        without: { facets: { ...chosen, [name]: left } },
      };
    }),
  );
  const ofRanges = ranges.flatMap((range): readonly Chip[] => {
    const column = store.columns.value.byId.get(range.column);
    const without = { ranges: ranges.filter((other) => other !== range) };
    return column?.kind === 'numbers' ? [{ words: printRange(range, column), without }] : [];
  });
  return [
    ...(search.trim() === '' ? [] : [{ words: `“${search}”`, without: { search: '' } }]),
    ...ofFacets,
    ...ofRanges,
  ];
}
