/** What holds for every schedule of every model on every target. */
import { expect } from 'vitest';
import { allNodes } from '../../src/ir/bodies.ts';
import type { PreparedModel } from '../../src/passes/prepared.ts';
import type { Arena, Kernel, Schedule } from '../../src/schedule/schedule.ts';

/** Expects a schedule to break none of the rules below. */
export function expectSound(schedule: Schedule, prepared: PreparedModel): void {
  const broken = [
    ...nodesNotOnce(schedule, prepared),
    ...schedule.arenas.flatMap((arena) => brokenInArena(arena, schedule)),
    ...schedule.kernels.flatMap((kernel) => brokenInKernel(kernel, schedule)),
    ...buffersOutOfTime(schedule),
  ];
  expect(broken).toEqual([]);
  const { kernels, sizes } = schedule;
  const owned = kernels.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  expect(owned + sizes.overheadBytes).toBe(sizes.fileBytes);
  expect(sizes.overheadBytes).toBeGreaterThanOrEqual(0);
}

/** Every node of the file outside of constant subgraphs is in exactly one kernel. */
function nodesNotOnce({ kernels, constantNodes }: Schedule, { model }: PreparedModel): string[] {
  const seen = new Set<string>();
  const twice = [...kernels.flatMap(({ nodes }) => nodes), ...constantNodes].filter(
    (id) => seen.size === seen.add(id).size,
  );
  const missing = allNodes(model.graph).filter(({ id }) => !seen.has(id));
  return [...twice.map((id) => `${id} is listed twice`), ...missing.map(({ id }) => `${id} is in no kernel`)];
}

/** Live buffers never overlap, and no allocator could need less than what is alive. */
function brokenInArena(
  { memory, placements, peakBytes, lowerBoundBytes, liveBytes }: Arena,
  { kernels }: Schedule,
): string[] {
  const broken: string[] = [];
  if (peakBytes < lowerBoundBytes) broken.push(`${memory}: the peak is below the lower bound`);
  if (liveBytes.some((bytes) => bytes > lowerBoundBytes)) broken.push(`${memory}: more is alive than the lower bound`);
  // Kernels of several operations take turns, and a buffer may end before another begins within one: addresses are
  // checked by the operation where they are found.
  if (kernels.some(({ steps = [] }) => steps.length > 0)) return broken;
  const byAddress = placements.toSorted((a, b) => a.address - b.address);
  for (const [i, a] of byAddress.entries()) {
    if (a.address + a.bytes > peakBytes) broken.push(`${memory}: ${a.tensor} ends above the peak`);
    for (let j = i + 1; j < byAddress.length && byAddress[j]!.address < a.address + a.bytes; j++) {
      const b = byAddress[j]!;
      const together = a.firstKernel <= b.lastKernel && b.firstKernel <= a.lastKernel;
      if (together) broken.push(`${memory}: ${a.tensor} and ${b.tensor} overlap`);
    }
  }
  return broken;
}

const totalBytes = (uses: readonly { readonly bytes: number }[]) => uses.reduce((sum, { bytes }) => sum + bytes, 0);

function brokenInKernel(kernel: Kernel, { target }: Schedule): string[] {
  const { name, streams, inputs, outputs, algorithm, executedMacs, macs, tile, fused } = kernel;
  const read = streams.reduce((sum, stream) => sum + stream.readBytes, 0);
  const written = streams.reduce((sum, stream) => sum + stream.writeBytes, 0);
  // Moving reads what it writes; everything else reads all of its operands.
  const readsAll = kernel.operatorClass !== 'data-movement' && fused.length === 1;
  // What its readers take from the whole, and its makers write into it, needs no operation of its own.
  const movesNothing = algorithm === 'none' || kernel.steps?.length === 0;
  const rules: readonly (readonly [boolean, string])[] = [
    [Number.isInteger(read) && Number.isInteger(written), 'moves parts of bytes'],
    [
      streams.every((stream) => stream.readBytes + stream.writeBytes > 0 && stream.transfers >= 1),
      'has an empty stream',
    ],
    [Number.isFinite(macs) && executedMacs <= macs, 'executes more than its MACs'],
    [tile === null || tile.onChipBytes <= target.plan.onChip!.usableBytes, 'has a tile that does not fit'],
    [movesNothing || written >= totalBytes(outputs), 'writes less than its outputs'],
    [movesNothing || !readsAll || read >= totalBytes(inputs), 'reads less than its inputs'],
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => `${name} ${problem}`);
}

/** A buffer lies in its memory while a kernel uses it. */
function buffersOutOfTime({ kernels, arenas }: Schedule): string[] {
  const placed = new Map(
    arenas.flatMap((arena) => arena.placements.map((one) => [`${arena.memory}:${one.tensor}`, one])),
  );
  const rolls = kernels.some(({ steps = [] }) => steps.length > 0);
  const takesTurns = kernels.some(({ steps = [] }) => steps.length > 1);
  return kernels.flatMap(({ index, name, inputs, outputs }) =>
    [...inputs, ...outputs].flatMap(({ memory, buffer, bytes }) => {
      const range = placed.get(`${memory}:${buffer}`);
      // Kernels of several operations take turns: one may still be at work when a reader of its first result runs.
      const inTime = takesTurns || (range !== undefined && range.firstKernel <= index && index <= range.lastKernel);
      // Rows that only the next operation reads take turns in a rolling buffer, which is smaller than the tensor.
      const holds = range !== undefined && (rolls || range.bytes >= bytes);
      const there = holds && inTime;
      return there || bytes === 0 ? [] : [`${name} uses ${buffer}, which is not there`];
    }),
  );
}
