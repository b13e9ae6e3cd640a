/** The table with all that belongs to it. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { counted } from '../../headline.ts';
import { useMedia, wideEnough } from '../shell/use-media.ts';
import { useStore } from '../state/store.ts';
import { FilterChips } from './filter-chips.tsx';
import { isFiltered } from './filter.ts';
import { Grid } from './grid.tsx';
import { createTableModel, TableContext } from './table-model.ts';
import { Toolbar } from './toolbar.tsx';

export function TablePanel() {
  const store = useStore();
  const model = useMemo(() => createTableModel(store), [store]);
  const isWide = useMedia(wideEnough);
  useEffect(() => void (model.narrow.value = !isWide), [model, isWide]);
  useEffect(() => {
    const print = (): void => void (model.printing.value = true);
    const done = (): void => void (model.printing.value = false);
    addEventListener('beforeprint', print);
    addEventListener('afterprint', done);
    return () => {
      removeEventListener('beforeprint', print);
      removeEventListener('afterprint', done);
    };
  }, [model]);
  useSignalEffect(() => {
    const [shown, all] = [model.passing.value.length, store.rows.value.length];
    store.announcement.value = isFiltered(store.table.value) ? `${shown} of ${counted(all, 'row')} shown` : '';
  });
  return (
    <TableContext.Provider value={model}>
      <div class="table-panel">
        <Toolbar />
        <FilterChips />
        <Grid />
      </div>
    </TableContext.Provider>
  );
}
