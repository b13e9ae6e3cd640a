/** Files for tools next door. To add one: a file here, a line in the list and its title in `neighbour.ts`. */
import { modelExplorerFiles } from './model-explorer.ts';
import type { NeighbourFile, NeighbourFormat, NeighbourSubject } from './neighbour.ts';
import { netronFiles } from './netron.ts';
import { traceFiles } from './trace.ts';

const makers: Readonly<Record<NeighbourFormat, (subject: NeighbourSubject) => readonly NeighbourFile[]>> = {
  netron: netronFiles,
  'model-explorer': modelExplorerFiles,
  trace: traceFiles,
};

/** None where there is nothing that the tool can show. */
export function neighbourFiles(format: NeighbourFormat, subject: NeighbourSubject): readonly NeighbourFile[] {
  return makers[format](subject);
}
