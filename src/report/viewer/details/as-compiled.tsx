/** What the compiler made of a row, and the nodes of the file behind it: base against head, from the worker. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { useAnswer } from '../shell/use-answer.ts';
import { useStore } from '../state/store.ts';
import { Kernels } from './kernels.tsx';
import { NodeTables } from './node-tables.tsx';

export function AsCompiled({ row }: { readonly row: DiffRow }) {
  const { model, target } = useStore();
  const [base, head] = [row.base.map(({ id }) => id), row.head.map(({ id }) => id)];
  const nothing = base.length + head.length === 0;
  const place = { model: model.value, target: target.value };
  const reply = useAnswer<'details'>(nothing ? null : { kind: 'details', place, base, head });
  if (nothing) return null;
  switch (reply.state) {
    case 'waiting':
      return (
        <p class="hint" aria-busy="true">
          Compiling for the details…
        </p>
      );
    case 'failed':
      return <p class="problem">{reply.problem}</p>;
    case 'answered':
      return (
        <>
          <Kernels details={reply.answer} />
          <NodeTables details={reply.answer} />
        </>
      );
  }
}
