/** Files for tools next door. To add one: a file here and a line in the list. */
import { modelExplorerFiles } from './model-explorer.ts';
import type { NeighbourFile, NeighbourFormat, NeighbourSubject } from './neighbour.ts';
import { netronFiles } from './netron.ts';
import { traceFiles } from './trace.ts';

export type { NeighbourFile, NeighbourFormat, NeighbourSide, NeighbourSubject } from './neighbour.ts';

export interface Neighbour {
  /** The word of `--format`. */
  readonly format: NeighbourFormat;
  readonly title: string;
  /** None where there is nothing that the tool can show. */
  readonly filesOf: (subject: NeighbourSubject) => readonly NeighbourFile[];
}

export const neighbours: readonly Neighbour[] = [
  { format: 'netron', title: 'Netron', filesOf: netronFiles },
  { format: 'model-explorer', title: 'Model Explorer', filesOf: modelExplorerFiles },
  { format: 'trace', title: 'Perfetto, Chrome', filesOf: traceFiles },
];

export function isNeighbourFormat(format: string): format is NeighbourFormat {
  return neighbours.some((one) => one.format === format);
}

export function neighbourFiles(format: NeighbourFormat, subject: NeighbourSubject): readonly NeighbourFile[] {
  return neighbours.find((one) => one.format === format)!.filesOf(subject);
}
