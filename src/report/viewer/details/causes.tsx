/** Where the time of a row goes, base and head side by side, and how much of it would go with each cause. */
import type { DiffRow } from '../../../compare/comparison.ts';
import type { Cause, CauseShare, LayerCost } from '../../../simulate/simulation.ts';
import { percent, printQuantity } from '../../../units.ts';
import { causeWords, sumCauses } from '../../causes.ts';
import { Words } from '../shell/words.tsx';

export function Causes({ row: { base, head } }: { readonly row: DiffRow }) {
  const [before, after] = [sumCauses(base), sumCauses(head)];
  const time = (cause: Cause): number => Math.max(before.get(cause)?.seconds ?? 0, after.get(cause)?.seconds ?? 0);
  const causes = [...new Set([...after.keys(), ...before.keys()])].sort((a, b) => time(b) - time(a));
  if (causes.length === 0) return null;
  return (
    <section>
      <h4>Where the time goes</h4>
      <table class="figures causes">
        <thead>
          <tr>
            <th scope="col">cause</th>
            <th scope="col">base</th>
            <th scope="col">head</th>
          </tr>
        </thead>
        <tbody>
          {causes.map((cause) => (
            <CauseRow
              key={cause}
              base={before.get(cause)}
              head={after.get(cause)}
              totals={[secondsOf(base), secondsOf(head)]}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface CauseRowProps {
  readonly base: CauseShare | undefined;
  readonly head: CauseShare | undefined;
  /** Seconds of the row on each side. */
  readonly totals: readonly [number, number];
}

function CauseRow({ base, head, totals: [before, after] }: CauseRowProps) {
  return (
    <tr>
      <th scope="row">
        <Words phrase={causeWords({ ...(head ?? base)!, savedSeconds: 0 })} />
      </th>
      <td>
        <Share share={base} total={before} />
      </td>
      <td>
        <Share share={head} total={after} />
      </td>
    </tr>
  );
}

function Share({ share, total }: { readonly share: CauseShare | undefined; readonly total: number }) {
  if (share === undefined) return <>–</>;
  const { seconds, savedSeconds } = share;
  return (
    <>
      {printQuantity(seconds, 'time')} <span class="hint">{total === 0 ? '' : percent(seconds / total)}</span>
      {savedSeconds > 0 ? <span class="without">−{printQuantity(savedSeconds, 'time')} without it</span> : null}
    </>
  );
}

function secondsOf(layers: readonly LayerCost[]): number {
  return layers.reduce((sum, { latencySeconds }) => sum + latencySeconds, 0);
}
