/** All that is known of the row in focus. */
import { useState } from 'preact/hooks';
import type { DiffRow } from '../../../compare/comparison.ts';
import { percent } from '../../../units.ts';
import { evidenceWords } from '../../explain-text.ts';
import { rowName } from '../../repeats.ts';
import { encodedPath, splitSource } from '../../source-words.ts';
import { changePhrase, isGuess, whyPhrase } from '../../why.ts';
import { sourceNodes } from '../figures/columns.ts';
import { ForeignName, Outside, Words } from '../shell/words.tsx';
import { useStore } from '../state/store.ts';
import { AsCompiled } from './as-compiled.tsx';
import { Causes } from './causes.tsx';
import { Figures } from './figures.tsx';

export function DetailsPanel() {
  const { focus, rows, selection } = useStore();
  const row = focus.value === null ? undefined : rows.value[focus.value];
  const selected = [...selection.value];
  if (row === undefined && selected.length === 0) {
    return <p class="hint">Choose a layer in the table, the graph or a chart: this tells all about it.</p>;
  }
  return (
    <article class="details">
      {selected.length > 1 ? <SelectedTogether selected={selected} isOpen={row === undefined} /> : null}
      {row === undefined ? null : <RowDetailsView row={row} index={focus.value!} />}
    </article>
  );
}

interface SelectedProps {
  readonly selected: readonly number[];
  readonly isOpen: boolean;
}

function SelectedTogether({ selected, isOpen }: SelectedProps) {
  const [shown, setShown] = useState(isOpen);
  return (
    <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{selected.length} selected rows together</summary>
      {shown ? <Figures rows={selected} /> : null}
    </details>
  );
}

function RowDetailsView({ row, index }: { readonly row: DiffRow; readonly index: number }) {
  return (
    <>
      <h3 class="details-title">
        <ForeignName name={rowName(row)} longest={240} />
      </h3>
      <Story row={row} />
      <Figures rows={[index]} />
      <Causes row={row} />
      <AsCompiled row={row} />
      <Nodes row={row} />
    </>
  );
}

function Story({ row }: { readonly row: DiffRow }) {
  const [change, why] = [changePhrase([row]), whyPhrase([row])];
  return (
    <dl class="facts">
      {change.length === 0 ? null : (
        <>
          <dt>Change</dt>
          <dd>
            <Words phrase={change} />
          </dd>
        </>
      )}
      <MatchFact row={row} />
      {why.length === 0 ? null : (
        <>
          <dt>Why</dt>
          <dd>
            <Words phrase={why} />
          </dd>
        </>
      )}
      {row.source === undefined ? null : (
        <>
          <dt>Source line</dt>
          <dd>
            <SourceLine source={row.source} />
          </dd>
        </>
      )}
    </dl>
  );
}

function MatchFact({ row: { match, ...row } }: { readonly row: DiffRow }) {
  if (row.base.length === 0 || row.head.length === 0) return null;
  const doubt = isGuess({ match, ...row }) ? ': a guess' : '';
  return (
    <>
      <dt>Match</dt>
      <dd>
        {match.status}, by {evidenceWords[match.evidence]} (confidence {percent(match.confidence)}
        {doubt})
      </dd>
    </>
  );
}

/** Leads to the line at the head's commit where the report has an address for it. */
function SourceLine({ source }: { readonly source: string }) {
  const { sourceAddress } = useStore().page;
  const name = <ForeignName name={source} longest={160} />;
  if (sourceAddress === null) return name;
  const { path, line } = splitSource(source);
  return <Outside address={`${sourceAddress}${encodedPath(path)}#L${line}`}>{name}</Outside>;
}

const mostNodes = 60;

function Nodes({ row }: { readonly row: DiffRow }) {
  const names = sourceNodes(row);
  if (names.length === 0) return null;
  const sides = [row.base, row.head].map((layers) => new Set(layers.flatMap(({ nodes }) => nodes)));
  const [base, head] = [sides[0]!, sides[1]!];
  const compared = base.size > 0 && head.size > 0;
  return (
    <section>
      <h4>Source nodes</h4>
      <ul class="nodes">
        {names.slice(0, mostNodes).map((name) => (
          <li key={name}>
            <ForeignName name={name} longest={160} />
            {!compared || (base.has(name) && head.has(name)) ? null : (
              <span class="hint"> {base.has(name) ? 'base only' : 'head only'}</span>
            )}
          </li>
        ))}
      </ul>
      {names.length > mostNodes ? <p class="hint">and {names.length - mostNodes} more</p> : null}
    </section>
  );
}
