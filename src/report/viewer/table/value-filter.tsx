/** A condition on a column of numbers: `Latency change > 0.2 ms`. */
import { useId, useState } from 'preact/hooks';
import { UserError } from '../../../errors.ts';
import { isNumbers, type NumbersColumn } from '../figures/column.ts';
import { changeTable, type Store } from '../state/store.ts';
import { useTable } from './table-model.ts';
import { parseValue, valueHint } from './values.ts';

export function ValueFilter() {
  const { store } = useTable();
  const columns = store.columns.value.all.filter(isNumbers);
  const [id, setId] = useState('latency-change');
  const [isAbove, setAbove] = useState(true);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState('');
  const field = useId();
  const column = columns.find((one) => one.id === id) ?? columns[0];
  if (column === undefined) return null;
  const add = (event: Event): void => {
    event.preventDefault();
    const error = addRange(store, column, { isAbove, text });
    setProblem(error);
    if (error === '') setText('');
  };
  return (
    <form class="value-filter" onSubmit={add}>
      <select aria-label="Column" value={column.id} onChange={(event) => setId(event.currentTarget.value)}>
        {columns.map((one) => (
          <option key={one.id} value={one.id}>
            {one.title}
          </option>
        ))}
      </select>
      <select
        aria-label="Condition"
        value={isAbove ? '>' : '<'}
        onChange={(event) => setAbove(event.currentTarget.value === '>')}
      >
        <option value=">">more than</option>
        <option value="<">less than</option>
      </select>
      <input
        type="text"
        aria-label="Value"
        placeholder={valueHint(column)}
        value={text}
        aria-invalid={problem !== ''}
        aria-describedby={problem === '' ? undefined : field}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit">Add</button>
      {problem === '' ? null : (
        <p class="problem" id={field} role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

interface Condition {
  readonly isAbove: boolean;
  readonly text: string;
}

/** What is wrong with it; empty: it filters now. */
function addRange(store: Store, column: NumbersColumn, { isAbove, text }: Condition): string {
  try {
    const value = parseValue(text, column);
    const range = { column: column.id, above: isAbove ? value : null, below: isAbove ? null : value };
    changeTable(store, { ranges: [...store.table.value.ranges, range] });
    return '';
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
