/**
 * The compiler: a prepared model and a target give a schedule. Number formats, units, kernels, algorithms, tiles,
 * addresses and transfers are decided in this order, each by a file of its own.
 */
import { InvariantError } from '../errors.ts';
import type { Graph } from '../ir/graph.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import { readQuantizedOnce } from '../passes/read-quantized.ts';
import { capacityAssumptions, mapMemories } from './arenas.ts';
import type { Buffers } from './buffers.ts';
import { bufferNames } from './buffers.ts';
import { crossingsOf } from './crossings.ts';
import type { Draft, DraftContext } from './draft.ts';
import { draftOf } from './draft.ts';
import { fuse } from './fuse.ts';
import { kernelOf } from './kernel.ts';
import type { Precision } from './legalize.ts';
import { precisionAssumptions, precisionOf } from './legalize.ts';
import type { SharedRanges } from './live-ranges.ts';
import { liveRanges, shareInPlace } from './live-ranges.ts';
import { rememberTilings } from './member-tiling.ts';
import { compileForNpu } from './npu/compile.ts';
import type { WeightReader } from './npu/weights/facts.ts';
import { sizeAssumptions, uncountedOperators } from './open-sizes.ts';
import type { Placement } from './partition.ts';
import { partition } from './partition.ts';
import type { Program } from './program.ts';
import { programOf } from './program.ts';
import type { Schedule } from './schedule.ts';
import { ownersOf, sizesOf } from './sizes.ts';
import { streamsOf } from './streams.ts';
import type { ComputeType, Target } from './target.ts';

export interface CompileOptions extends WeightReader {
  /** Costs the floats of an unquantized model in this type, on every target; `none`: as they are, on every target. */
  readonly assumedType?: ComputeType | 'none';
  /**
   * Of a what-if: the graph before its edits. Its floats decide what is assumed, so that one layer quantized on trial does
   * not take the assumption from all others.
   */
  readonly assumedFor?: Graph;
}

/** `prepared.unbound` must be empty: every shape is numbers. */
export function compile(given: PreparedModel, target: Target, options: CompileOptions = {}): Schedule {
  if (given.unbound.length > 0) throw new InvariantError('a model with unbound dimensions cannot be compiled');
  const prepared = target.support.dequantizedProducts === true ? readQuantizedOnce(given) : given;
  const program = programOf(prepared);
  const precision = precisionOf(options.assumedFor ?? given.graph, target, options.assumedType);
  const placements = partition(program, target, precision);
  const groups = fuse(program, placements, target);
  const buffers = bufferNames(program, precision, target.plan.brickChannels);
  const tileOnce = rememberTilings(target, precision);
  const context: DraftContext = { program, target, precision, bufferOf: buffers.bufferOf, tileOnce };
  const drafts = groups.map((group) => draftOf(group, placements[group.host.index]!, context));
  return finish(drafts, { prepared, program, precision, target, buffers, placements, reader: options });
}

function rangesOf(
  drafts: readonly Draft[],
  { program, target, buffers }: Pick<Finishing, 'program' | 'target' | 'buffers'>,
): SharedRanges {
  const ranges = liveRanges(drafts, program, buffers);
  if (target.plan.inPlaceElementwise !== true) return { ranges, writtenOver: new Map() };
  return shareInPlace(ranges, drafts, new Set(program.graph.inputs.map(buffers.bufferOf)));
}

interface Finishing {
  readonly prepared: PreparedModel;
  readonly program: Program;
  readonly precision: Precision;
  readonly target: Target;
  readonly buffers: Buffers;
  readonly placements: readonly Placement[];
  readonly reader: WeightReader;
}

/** Gives the drafts their memory, and the model its totals. */
function finish(given: readonly Draft[], finishing: Finishing): Schedule {
  const { prepared, program, precision, target, buffers } = finishing;
  const npu = compileForNpu(given, finishing);
  const drafts = npu?.drafts ?? given;
  const map = npu?.map ?? mapMemories(drafts, rangesOf(drafts, finishing), target);
  const crossings = crossingsOf(drafts, program, target, buffers.bufferOf);
  const owners = ownersOf(
    drafts.map(({ group }) => group),
    prepared,
  );
  const kernels = drafts.map((draft, index) =>
    kernelOf(draft, {
      index,
      map,
      precision,
      owned: owners[index]!,
      streams: npu?.streams[index] ?? streamsOf(draft, map, crossings[index]!, target),
      steps: npu?.steps[index],
    }),
  );
  return {
    target,
    kernels,
    arenas: map.arenas,
    assumptions: [
      ...prepared.assumptions,
      ...sizeAssumptions(prepared, program),
      ...precisionAssumptions(precision, program),
      ...capacityAssumptions(map.arenas),
    ].sort(),
    unknownOperators: prepared.unknownOperators,
    uncountedOperators: uncountedOperators(program),
    coverage: prepared.coverage,
    sizes: sizesOf(kernels, prepared),
    constantNodes: prepared.constantNodes,
  };
}
