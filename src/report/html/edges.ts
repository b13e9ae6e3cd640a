/** What flows between the rows of a report: the tensors of base and head, each once where both have it. */
import type { DiffRow } from '../../compare/comparison.ts';
import { isFloat } from '../../ir/data-type.ts';
import type { Graph, TensorType } from '../../ir/graph.ts';
import { numericShape } from '../../operators/type.ts';
import type { PreparedModel } from '../../passes/prepared.ts';
import { precisionOf, type Precision } from '../../schedule/legalize.ts';
import type { CompileOptions } from '../../schedule/compile.ts';
import type { Kernel, Schedule } from '../../schedule/schedule.ts';
import type { LayerCost } from '../../simulate/simulation.ts';
import type { PageEdge } from './document.ts';

/** One version of a model, compiled for the target of the rows. */
export interface CompiledSide {
  readonly prepared: PreparedModel;
  readonly schedule: Schedule;
  /** The type that was asked for when it was compiled. */
  readonly assumedType: CompileOptions['assumedType'];
}

export interface CompiledSides {
  readonly base: CompiledSide | null;
  readonly head: CompiledSide | null;
}

type SideEdge = Omit<PageEdge, 'side'>;

/** In the order of the rows that read. */
export function edgesOf(rows: readonly DiffRow[], { base, head }: CompiledSides): readonly PageEdge[] {
  const before =
    base === null
      ? []
      : sideEdges(
          base,
          rowIndex(rows, (row) => row.base),
        );
  const after =
    head === null
      ? []
      : sideEdges(
          head,
          rowIndex(rows, (row) => row.head),
        );
  const united = unite(before, after);
  return united.toSorted((a, b) => a.to - b.to || a.from - b.from);
}

/** Row by id of a layer. */
function rowIndex(
  rows: readonly DiffRow[],
  layersOf: (row: DiffRow) => readonly LayerCost[],
): ReadonlyMap<string, number> {
  return new Map(rows.flatMap((row, index) => layersOf(row).map(({ id }) => [id, index] as const)));
}

function sideEdges(side: CompiledSide, rowOf: ReadonlyMap<string, number>): readonly SideEdge[] {
  const { kernels } = side.schedule;
  const makers = makersOf(side.prepared.graph, kernels, rowOf);
  const describe = tensorReader(side);
  const edges = new Map<string, SideEdge>();
  for (const kernel of kernels) {
    const to = rowOf.get(kernel.name);
    if (to === undefined) continue;
    for (const { tensor, bytes } of kernel.inputs) {
      const from = makers.get(tensor);
      if (from === undefined || from === to) continue;
      const key = `${from} ${to} ${tensor}`;
      if (!edges.has(key)) edges.set(key, { from, to, tensor, ...describe(tensor), bytes });
    }
  }
  return [...edges.values()];
}

/** The row that makes each tensor; a view is made where the tensor is made that it is a view of. */
function makersOf(
  { nodes }: Graph,
  kernels: readonly Kernel[],
  rowOf: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const makers = new Map<string, number>();
  for (const { name, outputs } of kernels) {
    const row = rowOf.get(name);
    if (row !== undefined) for (const { tensor } of outputs) makers.set(tensor, row);
  }
  for (const { inputs, outputs } of nodes) {
    const viewed = inputs.map((name) => makers.get(name)).find((row) => row !== undefined);
    if (viewed === undefined) continue;
    for (const name of outputs) if (name !== '' && !makers.has(name)) makers.set(name, viewed);
  }
  return makers;
}

function tensorReader({
  prepared,
  schedule,
  assumedType,
}: CompiledSide): (tensor: string) => Pick<PageEdge, 'shape' | 'dtype'> {
  const { tensors } = prepared.graph;
  const assumed = new Map(prepared.unresolved.map((one) => [one.tensor, one.assumed]));
  const precision = precisionOf(prepared.graph, schedule.target, assumedType);
  return (tensor) => {
    const type = tensors.get(tensor);
    const shape = assumed.get(tensor) ?? numericShape(type?.shape);
    return { shape: shape ?? null, dtype: storedType(type, precision) };
  };
}

/** What the target stores it in: the file's type, or what is assumed of its floats. */
function storedType(type: TensorType | undefined, { float, assumed }: Precision): string | null {
  const dtype = type?.dtype ?? null;
  return dtype !== null && assumed && isFloat(dtype) ? float : dtype;
}

/** Tensors between the same two rows are the same one by name, else in their order: an exporter may call all anew. */
function unite(before: readonly SideEdge[], after: readonly SideEdge[]): readonly PageEdge[] {
  const waiting = new Map<string, SideEdge[]>();
  for (const edge of before) {
    const key = `${edge.from} ${edge.to}`;
    const known = waiting.get(key);
    if (known === undefined) waiting.set(key, [edge]);
    else known.push(edge);
  }
  const take = (edge: SideEdge, isByName: boolean): boolean => {
    const between = waiting.get(`${edge.from} ${edge.to}`) ?? [];
    const found = isByName ? between.findIndex(({ tensor }) => tensor === edge.tensor) : 0;
    return found >= 0 && between.splice(found, 1).length > 0;
  };
  const named = new Set(after.filter((edge) => take(edge, true)));
  const edges = after.map((edge): PageEdge => {
    const isInBoth = named.has(edge) || take(edge, false);
    return { ...edge, side: isInBoth ? 'both' : 'head' };
  });
  const left = [...waiting.values()].flat();
  return [...edges, ...left.map((edge): PageEdge => ({ ...edge, side: 'base' }))];
}
