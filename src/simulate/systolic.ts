/** Weight-stationary systolic array: weights are loaded fold by fold, activations stream through. */
import type { LoopNest } from '../operators/work.ts';
import { isDepthwise } from '../schedule/algorithm.ts';
import type { Rounding } from './geometry.ts';
import { stepMacs, worstFill } from './geometry.ts';

/**
 * A product of M × K' and K' × N takes ⌈K'/R⌉ · ⌈N/C⌉ folds on an R × C array. Each streams M rows behind R cycles of
 * loading weights and R + C − 2 of filling and draining (SCALE-Sim v2, weight stationary). One fold's weights load while
 * the one before streams, so loading shows where it is longer than the stream, and filling and draining once.
 * Filters of one channel sit on the diagonal: as many as fit, none of them using the columns of the others.
 */
export function roundToArray(nest: LoopNest, array: { readonly rows: number; readonly columns: number }): Rounding {
  const { rows, columns } = array;
  const reduction = nest.C * nest.FY * nest.FX;
  const positions = nest.B * nest.OY * nest.OX;
  const packed = isDepthwise(nest)
    ? Math.max(1, Math.min(Math.floor(rows / reduction), Math.floor(columns / nest.K)))
    : 1;
  const groupRounds = Math.ceil(nest.G / packed);
  const folds = groupRounds * Math.ceil(reduction / rows) * Math.ceil(nest.K / columns);
  const cycles = folds * Math.max(positions, rows) + rows + columns - 2;
  return {
    paddedMacs: Math.max(stepMacs(nest), cycles * rows * columns),
    detail: worstFill([
      { size: reduction * packed, step: rows, what: 'products per output', where: 'rows of the array' },
      { size: nest.K * packed, step: columns, what: 'output channels', where: 'columns of the array' },
      { size: positions, step: Math.max(rows, positions), what: 'positions', where: 'cycles that a fold takes' },
    ]),
  };
}
