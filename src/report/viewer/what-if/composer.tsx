/** One more edit: which one, how, and on which layers. */
import { useEffect, useId, useState } from 'preact/hooks';
import { UserError } from '../../../errors.ts';
import { printPhrase, type EditPhrase } from '../../../optimizations/grammar.ts';
import { useStore, type Store } from '../state/store.ts';
import type { KnownEdit } from '../worker/protocol.ts';
import { LayerChoice, phrasesOn, wholeModel, type LayersChosen } from './layer-choice.tsx';
import { ParameterFields, wordsOf, type ParameterValues } from './parameter-fields.tsx';
import { parametersOf } from './parameters.ts';

interface Props {
  readonly onAdd: (texts: readonly string[]) => void;
  /** Is told what is chosen and not added yet; nothing where that makes no edit. */
  readonly onConsider: (texts: readonly string[]) => void;
}

/** Who chooses something else meanwhile has not chosen yet. */
const considerMilliseconds = 150;

export function Composer({ onAdd, onConsider }: Props) {
  const store = useStore();
  const edits = useKnownEdits(store);
  const [name, setName] = useState('int8');
  const [values, setValues] = useState<ParameterValues>({});
  const [layers, setLayers] = useState<LayersChosen>(wholeModel);
  const [problem, setProblem] = useState('');
  const known = edits.find((edit) => edit.name === name);
  const summaryId = useId();
  const edit = { name, words: wordsOf(parametersOf(known?.usage ?? name), values) };
  useConsidered(() => onConsider(textsOf(store, edit, layers)), [name, values, layers, selectionIn(store, layers)]);
  const choose = (chosen: string): void => {
    setName(chosen);
    setValues({});
    setProblem('');
  };
  const add = async (): Promise<void> => {
    const made = await composed(store, edit, layers);
    setProblem(made.problem);
    if (made.problem === '') onAdd(made.texts);
  };
  return (
    <form
      class="what-if-composer"
      aria-label="Add an edit"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label class="field">
        <span>Edit</span>
        <select value={name} aria-describedby={summaryId} onChange={(event) => choose(event.currentTarget.value)}>
          {(edits.length === 0 ? [{ name, usage: name, summary: '' }] : edits).map((edit) => (
            <option key={edit.name} value={edit.name}>
              {edit.name}
            </option>
          ))}
        </select>
      </label>
      <ParameterFields parameters={parametersOf(known?.usage ?? name)} values={values} onChange={setValues} />
      <LayerChoice chosen={layers} onChange={setLayers} />
      <button type="submit">Add</button>
      <p class="hint what-if-summary" id={summaryId}>
        {known?.summary ?? ''}
      </p>
      {problem === '' ? null : (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

function useConsidered(tell: () => void, choices: readonly unknown[]): void {
  useEffect(() => {
    const timer = setTimeout(tell, considerMilliseconds);
    return () => clearTimeout(timer);
  }, choices);
}

/** Where it matters. */
function selectionIn({ selection }: Store, { way }: LayersChosen): ReadonlySet<number> | null {
  return way === 'selection' ? selection.value : null;
}

function textsOf(store: Store, edit: Omit<EditPhrase, 'on'>, layers: LayersChosen): readonly string[] {
  try {
    return phrasesOn(edit, layers, store).map(printPhrase);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/** From the worker, which knows how each is made. */
function useKnownEdits({ simulator }: Store): readonly KnownEdit[] {
  const [edits, setEdits] = useState<readonly KnownEdit[]>([]);
  useEffect(() => {
    let isShown = true;
    simulator.ask({ kind: 'edits' }).then(
      (answer) => isShown && setEdits(answer.edits),
      // Without a worker the what-if says so.
      () => undefined,
    );
    return () => void (isShown = false);
  }, [simulator]);
  return edits;
}

interface Composed {
  readonly texts: readonly string[];
  /** In a line; empty: none. */
  readonly problem: string;
}

async function composed(store: Store, edit: Omit<EditPhrase, 'on'>, layers: LayersChosen): Promise<Composed> {
  try {
    const texts = phrasesOn(edit, layers, store).map(printPhrase);
    const answer = await store.simulator.ask({ kind: 'phrases', text: texts.join('; ') });
    return { texts, problem: 'wrong' in answer ? answer.wrong : '' };
  } catch (error) {
    if (error instanceof UserError) return { texts: [], problem: error.message };
    return { texts: [], problem: error instanceof Error ? error.message : String(error) };
  }
}
