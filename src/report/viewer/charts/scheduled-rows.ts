/** Which row of the report each kernel of a schedule is. */
import type { DiffRow } from '../../../compare/comparison.ts';
import type { ScheduleAnswer, SideName } from '../worker/protocol.ts';

export interface ScheduledRows {
  readonly side: SideName;
  readonly kernels: number;
  readonly layerOfKernel: (kernel: number) => string;
  /** Of kernels from the first to the last one, both included; each row once. */
  readonly rowsOfKernels: (first: number, last: number) => readonly number[];
}

export function scheduledRows({ kernels }: ScheduleAnswer, rows: readonly DiffRow[], side: SideName): ScheduledRows {
  const rowOf = new Map(rows.flatMap((row, index) => row[side].map(({ id }) => [id, index] as const)));
  const rowOfKernel = kernels.map(({ layer }) => rowOf.get(layer));
  return {
    side,
    kernels: kernels.length,
    layerOfKernel: (kernel) => kernels[kernel]?.layer ?? '',
    rowsOfKernels: (first, last) => {
      const found = rowOfKernel.slice(Math.max(0, first), last + 1);
      return [...new Set(found.filter((row) => row !== undefined))];
    },
  };
}
