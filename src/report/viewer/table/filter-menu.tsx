/** Filters by what rows are, and by their numbers. */
import { visibleName } from '../../inert.ts';
import { useMemo } from 'preact/hooks';
import { changeTable } from '../state/store.ts';
import { facetCounts, facets, type Facet } from './facets.ts';
import { useTable } from './table-model.ts';
import { ValueFilter } from './value-filter.tsx';

export function FilterMenu() {
  const { rows } = useTable().store;
  const all = rows.value;
  const choices = useMemo(
    () => facets.map((facet) => ({ facet, values: facetCounts(facet, all) })).filter(({ values }) => values.length > 1),
    [all],
  );
  return (
    <div class="filter-menu">
      <ValueFilter />
      <div class="facets">
        {choices.map(({ facet, values }) => (
          <FacetChoice key={facet.name} facet={facet} values={values} />
        ))}
      </div>
    </div>
  );
}

interface FacetChoiceProps {
  readonly facet: Facet;
  readonly values: ReturnType<typeof facetCounts>;
}

/** A file can name as many operators as it likes. */
const mostValues = 100;

function FacetChoice({ facet: { name, title }, values }: FacetChoiceProps) {
  const { store } = useTable();
  const { facets: chosen } = store.table.value;
  const toggle = (value: string): void => {
    const set = new Set(chosen[name]);
    if (!set.delete(value)) set.add(value);
    changeTable(store, { facets: { ...chosen, [name]: set } });
  };
  return (
    <fieldset>
      <legend>{title}</legend>
      {values.slice(0, mostValues).map(({ value, count }) => (
        <label key={value} class="choice">
          <input type="checkbox" checked={chosen[name]?.has(value) ?? false} onChange={() => toggle(value)} />
          <bdi class="choice-name" title={visibleName(value, 300)}>
            {visibleName(value, 120)}
          </bdi>
          <span class="count">{count}</span>
        </label>
      ))}
      {values.length > mostValues ? <p class="hint">{values.length - mostValues} more: search for them</p> : null}
    </fieldset>
  );
}
