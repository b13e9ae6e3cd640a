/** What meets the budgets, or saves most of a metric: a search in the worker, with its progress. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { searchedMetrics, type SearchedMetric } from '../../../advise/searched-metrics.ts';
import { printQuantity } from '../../../units.ts';
import { counted } from '../../headline.ts';
import { visibleName } from '../../inert.ts';
import { metricWords } from '../../metrics.ts';
import { ForeignName } from '../shell/words.tsx';
import { useStore, type Store } from '../state/store.ts';
import { SupersededError } from '../worker/client.ts';
import type { SearchAnswer } from '../worker/protocol.ts';
import { Assumed } from './assumed.tsx';

type Found =
  | { readonly state: 'none' }
  | { readonly state: 'searching'; readonly done: number }
  | ({ readonly state: 'found' } & SearchAnswer)
  | { readonly state: 'failed'; readonly message: string };

interface Props {
  readonly onUse: (edits: string) => void;
}

export function Search({ onUse }: Props) {
  const store = useStore();
  const [metric, setMetric] = useState<SearchedMetric | ''>('');
  const [found, setFound] = useState<Found>({ state: 'none' });
  const place = `${store.model.value} ${store.target.value}`;
  // What an earlier search comes to is shown no more.
  const latest = useRef(0);
  useEffect(() => {
    setFound({ state: 'none' });
    return () => {
      latest.current += 1;
      store.simulator.cancelSearch();
    };
  }, [place, store]);
  const start = (): void => {
    const own = (latest.current += 1);
    const show = (next: Found): void => {
      if (latest.current === own) setFound(next);
    };
    show({ state: 'searching', done: 0 });
    void search(store, metric, (done) => show({ state: 'searching', done })).then(show);
  };
  return (
    <section class="what-if-search" aria-label="Search">
      <h3>What meets the budgets?</h3>
      <div class="what-if-row">
        <label class="field">
          <span>for</span>
          <select value={metric} onChange={(event) => setMetric(event.currentTarget.value as SearchedMetric | '')}>
            <option value="">all budgets</option>
            {searchedMetrics.map((one) => (
              <option key={one} value={one}>
                {metricWords(one)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={start}>
          Search
        </button>
        {found.state === 'searching' ? (
          <>
            <progress value={found.done} aria-label="Searching" />
            <button type="button" onClick={() => store.simulator.cancelSearch()}>
              Stop
            </button>
          </>
        ) : null}
      </div>
      <div role="status">
        {found.state === 'failed' ? <p class="problem">{found.message}</p> : null}
        {found.state === 'found' ? <FoundEdits {...found} onUse={onUse} /> : null}
      </div>
      <Suggested onUse={onUse} />
    </section>
  );
}

async function search(
  { simulator, model, target }: Store,
  metric: SearchedMetric | '',
  onProgress: (done: number) => void,
): Promise<Found> {
  const place = { model: model.peek(), target: target.peek() };
  try {
    const question = { kind: 'search', place, ...(metric === '' ? {} : { metric }) } as const;
    return { state: 'found', ...(await simulator.ask(question, onProgress)) };
  } catch (error) {
    if (error instanceof SupersededError) return { state: 'none' };
    return { state: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function FoundEdits({ document, assumed, onUse }: Props & SearchAnswer) {
  const { edits, suggestions, budgets } = document;
  if (edits === null) return <p>No edit that was tried meets the budgets.</p>;
  if (edits === '') return <p>{budgets.length === 0 ? 'No budget applies.' : 'The budgets are met as it is.'}</p>;
  const others = suggestions.filter((one) => one.edits !== edits);
  const touched = document.layers.map(({ name }) => name);
  return (
    <>
      {assumed.length === 0 ? null : <Assumed weights={assumed.length} />}
      <ul class="what-if-found">
        {[{ edits, touched, totals: document.head }, ...others].map((one) => (
          <FoundEdit key={one.edits} edits={one.edits} onUse={onUse}>
            {counted(one.touched.length, 'layer')}: {printQuantity(one.totals.latencySeconds, 'time')},{' '}
            {printQuantity(one.totals.fileBytes, 'size')}
          </FoundEdit>
        ))}
      </ul>
    </>
  );
}

/** What the report found, with the weights at hand. */
function Suggested({ onUse }: Props) {
  const suggestions = useStore().targetReport.value?.suggestions ?? [];
  if (suggestions.length === 0) return null;
  return (
    <>
      <h3>Suggested by the report</h3>
      <ul class="what-if-found">
        {suggestions.map(({ edits, touched, sqnr }) => (
          <FoundEdit key={edits} edits={edits} onUse={onUse}>
            {counted(touched.length, 'layer')}
            {sqnr === undefined ? '' : `, least SQNR ${sqnr.toFixed(1)} dB`}
          </FoundEdit>
        ))}
      </ul>
    </>
  );
}

interface FoundEditProps extends Props {
  readonly edits: string;
  readonly children: preact.ComponentChildren;
}

function FoundEdit({ edits, onUse, children }: FoundEditProps) {
  return (
    <li>
      <ForeignName name={edits} longest={160} />
      <span class="hint">{children}</span>
      <button type="button" class="plain" onClick={() => onUse(edits)} aria-label={`Use: ${visibleName(edits, 80)}`}>
        Use
      </button>
    </li>
  );
}
