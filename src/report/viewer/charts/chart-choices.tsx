/** What the chosen chart is of: metrics, axes, the side, the memory. */
import { useId } from 'preact/hooks';
import { visibleName } from '../../inert.ts';
import { MetricChoice } from '../rows/metric-choice.tsx';
import type { SideName } from '../worker/protocol.ts';
import type { ChartSettings } from './settings.ts';

interface Props {
  readonly settings: ChartSettings;
  readonly change: (given: Partial<ChartSettings>) => void;
  /** Ids of those that can be mapped. */
  readonly memories: readonly string[];
}

export function ChartChoices({ settings, change, memories }: Props) {
  switch (settings.kind) {
    case 'histogram':
      return (
        <div class="chart-choices">
          <MetricChoice label="Metric" value={settings.metric} onChange={(metric) => change({ metric })} />
        </div>
      );
    case 'scatter':
      return (
        <div class="chart-choices">
          <span class="axis-choice">
            <MetricChoice label="Across" value={settings.x} onChange={(x) => change({ x })} />
            <LogChoice axis="across" value={settings.logX} onChange={(logX) => change({ logX })} />
          </span>
          <span class="axis-choice">
            <MetricChoice label="Up" value={settings.y} onChange={(y) => change({ y })} />
            <LogChoice axis="up" value={settings.logY} onChange={(logY) => change({ logY })} />
          </span>
        </div>
      );
    case 'timeline':
    case 'memory-map':
      return (
        <div class="chart-choices">
          <SideChoice value={settings.side} onChange={(side) => change({ side })} />
          {settings.kind === 'memory-map' && memories.length > 1 && (
            <MemoryChoice {...{ settings, change, memories }} />
          )}
        </div>
      );
    case 'latency':
    case 'waterfall':
    case 'memory':
    case 'roofline':
      return null;
  }
}

interface LogProps {
  readonly axis: string;
  readonly value: boolean;
  readonly onChange: (log: boolean) => void;
}

function LogChoice({ axis, value, onChange }: LogProps) {
  return (
    <label>
      <input
        type="checkbox"
        checked={value}
        aria-label={`logarithmic ${axis}`}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span>log</span>
    </label>
  );
}

function SideChoice({ value, onChange }: { readonly value: SideName; readonly onChange: (side: SideName) => void }) {
  const name = useId();
  return (
    <fieldset>
      <legend>Side</legend>
      {(['base', 'head'] as const).map((side) => (
        <label key={side}>
          <input type="radio" name={name} checked={side === value} onChange={() => onChange(side)} />
          <span>{side}</span>
        </label>
      ))}
    </fieldset>
  );
}

function MemoryChoice({ settings, change, memories }: Props) {
  return (
    <label>
      <span>Memory</span>
      <select value={settings.memory} onChange={({ currentTarget }) => change({ memory: currentTarget.value })}>
        <option value="">of the activations</option>
        {memories.map((memory) => (
          <option key={memory} value={memory}>
            {visibleName(memory, 40)}
          </option>
        ))}
      </select>
    </label>
  );
}
