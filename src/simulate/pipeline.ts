/**
 * Dataflow machines: every layer has its own part of the chip, and rows stream from one to the next. With parts in
 * proportion to the work, all layers take equally long for an image, the pace at which images can follow each other;
 * that is the sum of what each would take on the whole chip. The first image is through after one pace and what each
 * layer waits for before it can begin: the input rows that its first output row needs.
 */
import type { KernelWork } from './kernel-work.ts';
import type { Placement } from './placement.ts';
import type { Term } from './term.ts';
import { serialLane } from './term.ts';

/** What a layer of the pipeline waits before it begins; none on other units. */
export function fillTerms(kernel: KernelWork, { unit, paceSeconds = 0 }: Placement): Term[] {
  const { rows, of } = rowsBefore(kernel);
  const seconds = (paceSeconds * rows) / of;
  if (unit.kind !== 'dataflow' || seconds === 0) return [];
  return [
    {
      cause: 'transfer/sync',
      bound: 'compute',
      seconds,
      lane: serialLane,
      numbers: [`units.${unit.id}.clockHertz`, `units.${unit.id}.efficiency.default`],
      detail: `waits for ${rows} of ${of} input rows`,
    },
  ];
}

/** The upper half of the first window is padding; a filter of one row has its row as it comes. */
function rowsBefore({ nests }: KernelWork): { readonly rows: number; readonly of: number } {
  const tallest = nests.toSorted((a, b) => spanOf(b) - spanOf(a))[0];
  if (tallest === undefined) return { rows: 0, of: 1 };
  const of = tallest.OY * tallest.strideY;
  const span = spanOf(tallest);
  return { rows: span === 1 ? 0 : Math.min(of, Math.ceil((span + 1) / 2)), of };
}

function spanOf({ FY, dilationY }: KernelWork['nests'][number]): number {
  return (FY - 1) * dilationY + 1;
}
