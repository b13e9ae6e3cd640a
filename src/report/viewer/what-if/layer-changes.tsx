/** Where a what-if pays: the layers that it changes most. */
import { printDelta } from '../../../units.ts';
import { counted } from '../../headline.ts';
import { ForeignName } from '../shell/words.tsx';
import type { LayerChange, WhatIfAnswer } from '../worker/protocol.ts';

const mostLayers = 12;

export function LayerChanges({ changes, added }: Pick<WhatIfAnswer, 'changes' | 'added'>) {
  const rows = [...changes].toSorted(([, a], [, b]) => weightOf(b) - weightOf(a) || b.fileBytes - a.fileBytes);
  const left = rows.length - mostLayers;
  if (rows.length === 0) return null;
  return (
    <table class="figures changes">
      <caption>Layers that change</caption>
      <thead>
        <tr>
          <th scope="col">layer</th>
          <th scope="col">latency</th>
          <th scope="col">energy</th>
          <th scope="col">size</th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, mostLayers).map(([id, change]) => (
          <Row key={id} name={<ForeignName name={change.name} longest={80} />} change={change} />
        ))}
        {left > 0 ? (
          <Row name={counted(left, 'more layer')} change={sumOf(rows.slice(mostLayers).map(([, change]) => change))} />
        ) : null}
        {isNothing(added) ? null : <Row name="new layers" change={added} />}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly name: preact.ComponentChildren;
  readonly change: Pick<LayerChange, 'latencySeconds' | 'energyJoules' | 'fileBytes'>;
}

function Row({ name, change }: RowProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{printDelta(change.latencySeconds, 'time')}</td>
      <td>{printDelta(change.energyJoules, 'energy')}</td>
      <td>{printDelta(change.fileBytes, 'size')}</td>
    </tr>
  );
}

function weightOf({ latencySeconds }: LayerChange): number {
  return Math.abs(latencySeconds);
}

function sumOf(changes: readonly LayerChange[]): RowProps['change'] {
  const sum = (key: keyof RowProps['change']): number => changes.reduce((total, change) => total + change[key], 0);
  return { latencySeconds: sum('latencySeconds'), energyJoules: sum('energyJoules'), fileBytes: sum('fileBytes') };
}

function isNothing(change: LayerChange): boolean {
  return Object.values(change).every((value) => value === 0);
}
