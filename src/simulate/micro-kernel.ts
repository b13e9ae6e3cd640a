/** CPU libraries compute a matrix product in register tiles (micro-kernels): loops are rounded up to whole tiles. */
import type { LoopNest } from '../operators/work.ts';
import { isDepthwise } from '../schedule/algorithm.ts';
import type { Fill, Rounding } from './geometry.ts';
import { fillShare, roundUp, stepMacs, worstFill } from './geometry.ts';

export interface MicroKernel {
  /** Output positions. */
  readonly rows: number;
  /** Output channels, in vector lanes. */
  readonly columns: number;
  /** Input channels that one instruction sums. */
  readonly depth: number;
}

/**
 * MACs with padding: positions, output channels and input channels rounded up to the tile, whole tiles dealt to the
 * cores. Libraries keep smaller kernels for few rows (matrix times vector), so fewer rows than a tile has are not padded.
 * A depthwise filter runs with channels in the lanes, and there is nothing to sum over channels.
 */
export function roundToMicroKernel(nest: LoopNest, { rows, columns, depth }: MicroKernel, cores: number): Rounding {
  const positions = nest.B * nest.OY * nest.OX;
  const rowStep = positions < rows ? positions : rows;
  const channels = isDepthwise(nest) ? nest.G * nest.K : nest.K;
  const fills: Fill[] = [
    { size: channels, step: columns, what: 'output channels', where: 'lanes' },
    { size: positions, step: rowStep, what: 'output positions', where: 'rows' },
  ];
  if (!isDepthwise(nest)) fills.push({ size: nest.C, step: depth, what: 'input channels', where: 'lanes' });
  const groups = isDepthwise(nest) ? 1 : nest.G;
  const tiles = groups * (roundUp(positions, rowStep) / rowStep) * (roundUp(channels, columns) / columns);
  fills.push({ size: tiles, step: cores, what: 'tiles', where: 'turns on the cores' });
  const share = fills.reduce((product, fill) => product * fillShare(fill), 1);
  return { paddedMacs: stepMacs(nest) / share, detail: worstFill(fills) };
}
