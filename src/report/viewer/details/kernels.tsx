/** How the kernels of a row run: unit, algorithm, tile, what they move. */
import { printQuantity } from '../../../units.ts';
import { ForeignName } from '../shell/words.tsx';
import type { KernelDetails, LayerDetails, RowDetails } from '../worker/protocol.ts';

interface Fact {
  readonly title: string;
  /** Empty where there is nothing to say. */
  readonly of: (kernel: KernelDetails) => string;
}

const facts: readonly Fact[] = [
  { title: 'Unit', of: ({ unit }) => unit },
  { title: 'Computes in', of: ({ type, assumed }) => `${type}${assumed ? ' (assumed)' : ''}` },
  { title: 'Algorithm', of: ({ algorithm }) => algorithm },
  { title: 'Fused', of: ({ fused }) => fused.join(' + ') },
  { title: 'Tile', of: ({ tile }) => tile ?? '' },
  {
    title: 'MACs run',
    of: ({ macs, executedMacs }) => (executedMacs === macs ? '' : printQuantity(executedMacs, 'count')),
  },
  {
    title: 'Workspace',
    of: ({ workspaceBytes }) => (workspaceBytes === 0 ? '' : printQuantity(workspaceBytes, 'memory')),
  },
  { title: 'Runs', of: ({ repetitions }) => (repetitions === 1 ? '' : String(repetitions)) },
  { title: 'Not on the main unit', of: ({ fallback }) => fallback?.reason ?? '' },
];

export function Kernels({ details: { base, head } }: { readonly details: RowDetails }) {
  const [before, after] = [kernelsOf(base), kernelsOf(head)];
  if (before.length + after.length === 0) return null;
  const told = [...facts, ...streamFacts([...before, ...after])];
  return (
    <section>
      <h4>As compiled</h4>
      <table class="figures wide-first">
        <thead>
          <tr>
            <td />
            <th scope="col">base</th>
            <th scope="col">head</th>
          </tr>
        </thead>
        <tbody>
          {told.map((fact) => (
            <FactRow key={fact.title} fact={fact} base={before} head={after} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function kernelsOf(layers: readonly LayerDetails[]): readonly KernelDetails[] {
  return layers.flatMap(({ kernel }) => kernel ?? []);
}

/** One for each memory and role that is moved for. */
function streamFacts(kernels: readonly KernelDetails[]): readonly Fact[] {
  const streams = kernels.flatMap((kernel) => kernel.streams);
  const kinds = new Map(streams.map(({ memory, role }) => [`${role}: ${memory}`, { memory, role }]));
  return [...kinds].map(([title, { memory, role }]) => ({
    title: title.charAt(0).toUpperCase() + title.slice(1),
    of: (kernel) => {
      const own = kernel.streams.filter((stream) => stream.memory === memory && stream.role === role);
      const sum = (of: (stream: (typeof own)[number]) => number): number => own.reduce((all, one) => all + of(one), 0);
      const [read, written] = [sum(({ readBytes }) => readBytes), sum(({ writeBytes }) => writeBytes)];
      const words = [
        read === 0 ? '' : `${printQuantity(read, 'size')} read`,
        written === 0 ? '' : `${printQuantity(written, 'size')} written`,
      ];
      return words.filter((one) => one !== '').join(', ');
    },
  }));
}

interface FactRowProps {
  readonly fact: Fact;
  readonly base: readonly KernelDetails[];
  readonly head: readonly KernelDetails[];
}

function FactRow({ fact, base, head }: FactRowProps) {
  const [before, after] = [distinct(base, fact), distinct(head, fact)];
  if (before.length + after.length === 0) return null;
  const differs = base.length > 0 && head.length > 0 && before.join('\n') !== after.join('\n');
  return (
    <tr class={differs ? 'differs' : undefined}>
      <th scope="row">
        <bdi>{fact.title}</bdi>
        {differs ? <span class="hint"> differs</span> : null}
      </th>
      <td>
        <Words words={before} />
      </td>
      <td>
        <Words words={after} />
      </td>
    </tr>
  );
}

function distinct(kernels: readonly KernelDetails[], { of }: Fact): readonly string[] {
  return [...new Set(kernels.map(of))].filter((words) => words !== '');
}

function Words({ words }: { readonly words: readonly string[] }) {
  if (words.length === 0) return <>–</>;
  return (
    <>
      {words.map((one, index) => (
        <span key={index}>
          {index === 0 ? '' : '; '}
          <ForeignName name={one} longest={200} />
        </span>
      ))}
    </>
  );
}
