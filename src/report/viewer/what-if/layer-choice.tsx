/** On which layers an edit is made. */
import { UserError } from '../../../errors.ts';
import type { EditPhrase } from '../../../optimizations/grammar.ts';
import { visibleName } from '../../inert.ts';
import { useStore, type Store } from '../state/store.ts';
import { onSelection, operatorsOf } from './selections.ts';

const ways = {
  all: 'the whole model',
  selection: 'the selected layers',
  operator: 'layers of an operator',
  top: 'the slowest layers',
  glob: 'layers named …',
} as const;
type Way = keyof typeof ways;

export interface LayersChosen {
  readonly way: Way;
  readonly operator: string;
  readonly count: string;
  readonly glob: string;
}

export const wholeModel: LayersChosen = { way: 'all', operator: '', count: '5', glob: '' };

/** One edit, or as many as it takes to name the selected layers. Throws `UserError` in a line. */
export function phrasesOn(
  edit: Omit<EditPhrase, 'on'>,
  { way, operator, count, glob }: LayersChosen,
  { rows, selection }: Store,
): readonly EditPhrase[] {
  switch (way) {
    case 'all':
      return [{ ...edit, on: { kind: 'all' } }];
    case 'selection': {
      const phrases = onSelection(edit, rows.value, selection.value);
      if (phrases.length === 0) throw new UserError('no layer of the head is selected');
      return phrases;
    }
    case 'operator':
      return [{ ...edit, on: { kind: 'operator', operator: operator || (operatorsOf(rows.value)[0] ?? '') } }];
    case 'top':
      return [{ ...edit, on: { kind: 'top', count: Number(count) } }];
    case 'glob':
      if (glob === '') throw new UserError('write the name of a layer; * stands for anything');
      return [{ ...edit, on: { kind: 'glob', pattern: glob } }];
  }
}

interface Props {
  readonly chosen: LayersChosen;
  readonly onChange: (chosen: LayersChosen) => void;
}

export function LayerChoice({ chosen, onChange }: Props) {
  const { selection } = useStore();
  const change = (part: Partial<LayersChosen>): void => onChange({ ...chosen, ...part });
  return (
    <>
      <label class="field">
        <span>on</span>
        <select value={chosen.way} onChange={(event) => change({ way: event.currentTarget.value as Way })}>
          {Object.entries(ways).map(([way, words]) => (
            <option key={way} value={way}>
              {way === 'selection' ? `${words} (${selection.value.size} rows)` : words}
            </option>
          ))}
        </select>
      </label>
      {chosen.way === 'operator' ? <OperatorField chosen={chosen} change={change} /> : null}
      {chosen.way === 'top' ? (
        <label class="field">
          <span>how many</span>
          <input
            type="number"
            min={1}
            max={999999}
            required
            value={chosen.count}
            onInput={(event) => change({ count: event.currentTarget.value })}
          />
        </label>
      ) : null}
      {chosen.way === 'glob' ? (
        <label class="field wide">
          <span>name</span>
          <input
            type="text"
            spellcheck={false}
            autocomplete="off"
            placeholder="backbone/*"
            value={chosen.glob}
            onInput={(event) => change({ glob: event.currentTarget.value })}
          />
        </label>
      ) : null}
    </>
  );
}

interface FieldProps {
  readonly chosen: LayersChosen;
  readonly change: (part: Partial<LayersChosen>) => void;
}

function OperatorField({ chosen, change }: FieldProps) {
  const operators = operatorsOf(useStore().rows.value);
  return (
    <label class="field">
      <span>operator</span>
      <select
        value={chosen.operator || operators[0]}
        onChange={(event) => change({ operator: event.currentTarget.value })}
      >
        {operators.map((operator) => (
          <option key={operator} value={operator}>
            {visibleName(operator, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}
