/** Choosing one of the target's metrics. */
import { useStore } from '../state/store.ts';
import { metricNamed, metricsOf } from './row-figures.ts';

interface Props {
  readonly label: string;
  readonly value: string;
  /** With the metric's id. */
  readonly onChange: (id: string) => void;
}

export function MetricChoice({ label, value, onChange }: Props) {
  const target = useStore().targetReport.value;
  if (target === undefined) return null;
  return (
    <label>
      <span>{label}</span>
      <select value={metricNamed(target, value).id} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {metricsOf(target).map((metric) => (
          <option key={metric.id} value={metric.id}>
            {metric.label}
          </option>
        ))}
      </select>
    </label>
  );
}
