/** Named analyses: save, load, fork, hand on as files. */
import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { UserError } from '../../../errors.ts';
import { visibleName } from '../../inert.ts';
import { parseLink, printLink } from '../state/link.ts';
import {
  analysisFile,
  createShelf,
  freeName,
  longestName,
  readAnalysis,
  reportFingerprint,
  type Analysis,
  type Shelf,
} from '../state/saved.ts';
import { setState, stateOf, useStore, type Store } from '../state/store.ts';
import { withoutRows } from '../state/view-state.ts';
import { downloadText } from './hand-over.ts';

export function SavedMenu() {
  const store = useStore();
  const shelf = useMemo(() => createShelf(() => localStorage), []);
  const analyses = useSignal<readonly Analysis[]>(shelf.all());
  const words = useSignal('');
  const report = useMemo(() => reportFingerprint(store.page), [store]);
  const desk: Desk = {
    ...{ store, shelf, report },
    say: (text) => void (words.value = text),
    refresh: () => void (analyses.value = shelf.all()),
  };
  return (
    <div class="saved-menu">
      <SaveForm desk={desk} />
      {shelf.lasts ? null : (
        <p class="hint">This browser keeps nothing for this page: export what should outlast it.</p>
      )}
      <ul class="saved">
        {analyses.value.map((analysis) => (
          <SavedItem key={analysis.name} desk={desk} analysis={analysis} />
        ))}
      </ul>
      <LoadFile desk={desk} />
      <p class="hint" role="status">
        {words.value}
      </p>
    </div>
  );
}

interface Desk {
  readonly store: Store;
  readonly shelf: Shelf;
  /** Fingerprint of this page's report. */
  readonly report: string;
  readonly say: (words: string) => void;
  readonly refresh: () => void;
}

function SaveForm({ desk }: { readonly desk: Desk }) {
  const name = useSignal('');
  const save = (event: Event): void => {
    event.preventDefault();
    const chosen = name.value.trim();
    if (chosen === '') return;
    const link = printLink(stateOf(desk.store), desk.store.page);
    desk.shelf.put({ schema: 'model-budget/analysis@1', name: chosen, report: desk.report, link });
    desk.say(`Saved as ${chosen}`);
    desk.refresh();
    name.value = '';
  };
  return (
    <form class="save-form" onSubmit={save}>
      <input
        type="text"
        aria-label="Name of the analysis"
        placeholder="Name of this analysis"
        maxLength={longestName}
        value={name.value}
        onInput={(event) => void (name.value = event.currentTarget.value)}
      />
      <button type="submit">Save</button>
    </form>
  );
}

function SavedItem({ desk, analysis }: { readonly desk: Desk; readonly analysis: Analysis }) {
  const { shelf, refresh } = desk;
  const name = visibleName(analysis.name, longestName);
  const fork = (): void => {
    shelf.put({ ...analysis, name: freeName(analysis.name, shelf.all()) });
    refresh();
  };
  const remove = (): void => {
    shelf.remove(analysis.name);
    refresh();
  };
  return (
    <li>
      <button type="button" class="plain saved-name" onClick={() => load(desk, analysis)}>
        <bdi>{name}</bdi>
      </button>
      {analysis.report === desk.report ? null : <span class="hint">of another report</span>}
      <span class="saved-actions">
        <button type="button" onClick={fork}>
          Fork<span class="off-screen"> {name}</span>
        </button>
        <button type="button" onClick={() => downloadText('analysis.json', 'application/json', analysisFile(analysis))}>
          Export<span class="off-screen"> {name}</span>
        </button>
        <button type="button" onClick={remove}>
          Delete<span class="off-screen"> {name}</span>
        </button>
      </span>
    </li>
  );
}

/** Of another report, the rows that were chosen there are left out: here they are others. */
function load({ store, report, say }: Desk, { link, name, report: own }: Analysis): void {
  const state = parseLink(link, store.page);
  const here = own === report;
  setState(store, here ? state : withoutRows(state));
  const shown = visibleName(name, longestName);
  say(here ? `Loaded ${shown}` : `Loaded ${shown}, without its selection: it was made on another report`);
}

function LoadFile({ desk }: { readonly desk: Desk }) {
  const field = useRef<HTMLInputElement>(null);
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      const analysis = readAnalysis(await file.text());
      const named = { ...analysis, name: freeName(analysis.name, desk.shelf.all()) };
      desk.shelf.put(named);
      desk.refresh();
      load(desk, named);
    } catch (error) {
      desk.say(error instanceof UserError ? error.message : 'The file cannot be read');
    }
    if (field.current !== null) field.current.value = '';
  };
  return (
    <label class="load-file">
      Load from a file
      <input
        ref={field}
        type="file"
        accept=".json,application/json"
        onChange={(event) => void read(event.currentTarget.files?.[0])}
      />
    </label>
  );
}
