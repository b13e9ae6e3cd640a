/** The edits that are made, one below the other, and all of them as a text. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { visibleName } from '../../inert.ts';
import { ForeignName } from '../shell/words.tsx';
import { useStore, type Store } from '../state/store.ts';
import { moved, switched, withoutEdit, type EditList } from './edit-list.ts';

interface ListProps {
  readonly list: EditList;
  readonly onChange: (list: EditList) => void;
}

export function RunningList({ list, onChange }: ListProps) {
  if (list.length === 0) return null;
  return (
    <ol class="what-if-list" aria-label="Edits, in the order in which they are made">
      {list.map(({ text, on }, index) => (
        <li key={`${index} ${text}`}>
          <label class="choice">
            <input type="checkbox" checked={on} onChange={() => onChange(switched(list, index))} />
            <span class={on ? '' : 'what-if-off'}>
              <ForeignName name={text} longest={160} />
            </span>
          </label>
          <span class="what-if-actions">
            <Action words="Up" text={text} isOff={index === 0} act={() => onChange(moved(list, index, -1))} />
            <Action
              words="Down"
              text={text}
              isOff={index === list.length - 1}
              act={() => onChange(moved(list, index, 1))}
            />
            <Action words="Remove" text={text} isOff={false} act={() => onChange(withoutEdit(list, index))} />
          </span>
        </li>
      ))}
    </ol>
  );
}

interface ActionProps {
  readonly words: string;
  readonly text: string;
  readonly isOff: boolean;
  readonly act: () => void;
}

/** Stays where it can be reached when there is nothing to do, so that the focus is not lost. */
function Action({ words, text, isOff, act }: ActionProps) {
  return (
    <button
      type="button"
      class="plain"
      aria-label={`${words}: ${visibleName(text, 80)}`}
      aria-disabled={isOff}
      onClick={() => {
        if (!isOff) act();
      }}
    >
      {words}
    </button>
  );
}

interface TextProps {
  /** Is told what is written and not applied yet. */
  readonly onConsider: (edits: string) => void;
}

/** Who writes on meanwhile has not written yet. */
const considerMilliseconds = 200;

/** What is written, what is wrong with it, and what was written last, for those who find out later. */
function useDraft(store: Store, onConsider: TextProps['onConsider']) {
  const edits = store.edits.value;
  const [draft, setDraft] = useState(edits);
  const [wrong, setWrong] = useState('');
  const written = useRef(edits);
  useEffect(() => {
    setDraft(edits);
    setWrong('');
    written.current = edits;
  }, [edits]);
  const write = (text: string): void => {
    setDraft(text);
    written.current = text;
    const isLast = (): boolean => written.current === text;
    const considerLater = (considered: string): void => {
      setTimeout(() => isLast() && onConsider(considered), considerMilliseconds);
    };
    void read(store, text).then(({ phrases, problem }) => {
      if (!isLast()) return;
      setWrong(problem);
      if (problem === '') considerLater(phrases.join('; '));
    });
  };
  return { draft, wrong, setWrong, written, write };
}

/** Applied with Enter; told while it is written what is wrong with it. */
export function EditsText({ onConsider }: TextProps) {
  const store = useStore();
  const edits = store.edits.value;
  const { draft, wrong, setWrong, written, write } = useDraft(store, onConsider);
  const [id, problemId] = [useId(), useId()];
  const apply = async (): Promise<void> => {
    const { phrases, problem } = await read(store, draft);
    // Something else was written meanwhile.
    if (written.current !== draft) return;
    setWrong(problem);
    // On one line: a slash command ends with its line.
    if (problem === '') store.edits.value = phrases.join('; ');
  };
  return (
    <form
      class="what-if-text"
      onSubmit={(event) => {
        event.preventDefault();
        void apply();
      }}
    >
      <label for={id}>All edits as a text</label>
      <textarea
        id={id}
        rows={2}
        spellcheck={false}
        maxLength={4000}
        placeholder={'palettize 4 on top:5; prune 0.5 on "backbone/*"'}
        value={draft}
        aria-invalid={wrong !== ''}
        aria-describedby={problemId}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void apply();
        }}
      />
      <button type="submit" aria-disabled={draft.trim() === edits}>
        Apply
      </button>
      <p class="problem" id={problemId} aria-live="polite">
        {wrong}
      </p>
    </form>
  );
}

interface ReadEdits {
  readonly phrases: readonly string[];
  /** In a line; empty: none. */
  readonly problem: string;
}

async function read({ simulator }: Store, text: string): Promise<ReadEdits> {
  try {
    const answer = await simulator.ask({ kind: 'phrases', text });
    return 'wrong' in answer ? { phrases: [], problem: answer.wrong } : { phrases: answer.phrases, problem: '' };
  } catch (error) {
    return { phrases: [], problem: error instanceof Error ? error.message : String(error) };
  }
}
