/** Every metric of a row: base, head, change. */
import type { DiffRow } from '../../../compare/comparison.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';
import { printChange } from '../../../units.ts';
import { isNumbers, type NumbersColumn, type NumbersKind } from '../figures/column.ts';
import { printMetric, printMetricChange } from '../rows/row-metrics.ts';
import { SidesHead } from '../rows/sides-head.tsx';
import { ForeignName } from '../shell/words.tsx';
import { useStore } from '../state/store.ts';

interface FiguresProps {
  /** Indices; of several, sums are told. */
  readonly rows: readonly number[];
}

export function Figures({ rows: indices }: FiguresProps) {
  const { columns, rows } = useStore();
  const ofMetrics = new Map<string, Map<NumbersKind, NumbersColumn>>();
  for (const column of columns.value.all.filter(isNumbers)) {
    const own = ofMetrics.get(column.metric.id) ?? new Map<NumbersKind, NumbersColumn>();
    ofMetrics.set(column.metric.id, own.set(column.of, column));
  }
  const [only] = indices.length === 1 ? indices : [];
  const row = only === undefined ? undefined : rows.value[only];
  return (
    <table class="figures">
      <caption class="off-screen">Metrics</caption>
      <SidesHead />
      <tbody>
        {[...ofMetrics].map(([id, kinds]) => (
          <MetricRow key={id} kinds={kinds} indices={indices} />
        ))}
        {row === undefined ? null : words.map((one) => <WordsRow key={one.title} {...one} row={row} />)}
      </tbody>
    </table>
  );
}

interface MetricRowProps {
  readonly kinds: ReadonlyMap<NumbersKind, NumbersColumn>;
  readonly indices: readonly number[];
}

function MetricRow({ kinds, indices }: MetricRowProps) {
  const { metric } = [...kinds.values()][0]!;
  const value = (of: NumbersKind): number => {
    const figures = kinds.get(of)?.figures;
    if (figures === undefined) return NaN;
    return indices.length === 1 ? figures.values[indices[0]!]! : figures.together(indices).value;
  };
  const [base, head, change, ratio] = [value('base'), value('head'), value('change'), value('ratio')];
  if (!(base > 0) && !(head > 0)) return null;
  return (
    <tr>
      <th scope="row">
        <bdi>{metric.label}</bdi>
      </th>
      <td>{printMetric(metric, known(base))}</td>
      <td>{printMetric(metric, known(head))}</td>
      <td>
        {Number.isNaN(change) ? '–' : printMetricChange(metric, change)}
        {Number.isNaN(ratio) || ratio === 0 ? null : <span class="hint"> ({printChange(ratio)})</span>}
      </td>
    </tr>
  );
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

interface WordsOfLayer {
  readonly title: string;
  readonly of: (layer: LayerCost) => string;
}

const words: readonly WordsOfLayer[] = [
  { title: 'Operator', of: ({ op }) => op },
  { title: 'Unit', of: ({ unit }) => unit },
  { title: 'Type', of: ({ dtype }) => dtype },
  { title: 'Output', of: ({ outputShape }) => outputShape.join('×') },
  { title: 'Bound by', of: ({ bound }) => bound },
];

interface WordsRowProps extends WordsOfLayer {
  readonly row: DiffRow;
}

function WordsRow({ title, row: { base, head }, of }: WordsRowProps) {
  const [before, after] = [distinct(base, of), distinct(head, of)];
  if (before.join('') === '' && after.join('') === '') return null;
  const differs = base.length > 0 && head.length > 0 && before.join('\n') !== after.join('\n');
  return (
    <tr>
      <th scope="row">{title}</th>
      <td>
        <Names names={before} />
      </td>
      <td>
        <Names names={after} />
      </td>
      <td>{differs ? 'differs' : ''}</td>
    </tr>
  );
}

function distinct(layers: readonly LayerCost[], of: WordsOfLayer['of']): readonly string[] {
  return [...new Set(layers.map(of))];
}

function Names({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return <>–</>;
  return (
    <>
      {names.map((name, index) => (
        <span key={name}>
          {index === 0 ? '' : ', '}
          <ForeignName name={name} longest={64} />
        </span>
      ))}
    </>
  );
}
