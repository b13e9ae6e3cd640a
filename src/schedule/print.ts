/** A schedule as text: kernels with unit, tile and traffic, then the addresses in each memory. */
import { printQuantity } from '../units.ts';
import type { Column } from './columns.ts';
import { alignColumns, visible } from './columns.ts';
import type { Arena, Kernel, Schedule } from './schedule.ts';

/** Ends with a line end. */
export function printSchedule(schedule: Schedule): string {
  const sections = [
    header(schedule),
    kernelTable(schedule),
    notes(schedule),
    ...schedule.arenas.map((arena) => arenaTable(arena, schedule)),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** Sentences quote names of the file. */
const longestSentence = 400;

function header({ target, kernels, sizes, assumptions }: Schedule): readonly string[] {
  const { name, version } = target.runtime;
  return [
    `target ${target.id} (${target.status}): ${target.name}, ${name} ${version}`,
    `${kernels.length} kernels, ${printQuantity(sizes.macs, 'count')} MACs, ` +
      `${printQuantity(sizes.weightsBytes, 'size')} of weights in ${printQuantity(sizes.fileBytes, 'size')}`,
    ...assumptions.map((assumption) => visible(assumption, longestSentence)),
  ];
}

function kernelTable({ kernels, target }: Schedule): readonly string[] {
  const memories = target.memories
    .map(({ id }) => id)
    .filter((id) => kernels.some(({ streams }) => streams.some(({ memory }) => memory === id)));
  const columns: readonly Column[] = [
    { title: '#', align: 'right' },
    { title: 'kernel', align: 'left' },
    { title: 'operators', align: 'left' },
    { title: 'unit', align: 'left' },
    { title: 'type', align: 'left' },
    { title: 'algorithm', align: 'left' },
    { title: 'tile', align: 'left' },
    { title: 'output', align: 'left' },
    { title: 'MACs', align: 'right' },
    ...memories.flatMap((id): Column[] => [
      { title: `${id} read`, align: 'right' },
      { title: 'written', align: 'right' },
    ]),
  ];
  return alignColumns(
    columns,
    kernels.map((kernel) => kernelRow(kernel, memories)),
  );
}

function kernelRow(kernel: Kernel, memories: readonly string[]): readonly string[] {
  return [
    String(kernel.index),
    kernel.repetitions > 1 ? `${visible(kernel.name)} ×${kernel.repetitions}` : kernel.name,
    kernel.fused.join(' + '),
    kernel.unit,
    kernel.assumed ? `${kernel.type} (assumed)` : kernel.type,
    kernel.algorithm,
    tileText(kernel),
    kernel.outputShape.join('x'),
    String(kernel.macs),
    ...memories.flatMap((id) => trafficCells(kernel, id)),
  ];
}

/** `OY 8 OX 8 K 16 C 3 ×4`: the part of each loop in one tile, and how many tiles there are. */
export function tileText({ tile }: Pick<Kernel, 'tile'>): string {
  if (tile === null) return '-';
  const { OY, OX, K, C, steps } = tile;
  return `OY ${OY} OX ${OX} K ${K} C ${C}${steps > 1 ? ` ×${steps}` : ''}`;
}

/** Bytes of one inference. */
function trafficCells({ streams, repetitions }: Kernel, memory: string): readonly [string, string] {
  const here = streams.filter((stream) => stream.memory === memory);
  const total = (of: 'readBytes' | 'writeBytes') => here.reduce((sum, stream) => sum + stream[of], 0) * repetitions;
  return [String(total('readBytes')), String(total('writeBytes'))];
}

/** Why kernels are not on the main unit, what crosses between host and device, what was not counted. */
function notes({ kernels, unknownOperators }: Schedule): readonly string[] {
  const fallbacks = kernels.flatMap(({ index, unit, fallback }) =>
    fallback === null ? [] : [`#${index} on ${unit}: ${visible(fallback.reason, longestSentence)}`],
  );
  const transfers = kernels.flatMap(({ index, streams }) =>
    streams
      .filter(({ role }) => role === 'transfer')
      .map(
        ({ memory, readBytes, writeBytes }) =>
          `#${index} transfers over ${memory}: ${readBytes} B in, ${writeBytes} B out`,
      ),
  );
  const unknown = unknownOperators.map(
    ({ operator, count }) => `unknown operator, not counted: ${visible(operator)} (${count})`,
  );
  return [...fallbacks, ...transfers, ...unknown];
}

function arenaTable(arena: Arena, { kernels }: Schedule): readonly string[] {
  const { memory, peakBytes, capacityBytes, lowerBoundBytes, peakKernel, placements } = arena;
  const name = kernels[peakKernel]?.name ?? '';
  const columns: readonly Column[] = [
    { title: 'address', align: 'right' },
    { title: 'bytes', align: 'right' },
    { title: 'kernels', align: 'left' },
    { title: 'tensor', align: 'left' },
  ];
  const rows = placements.map(({ tensor, address, bytes, firstKernel, lastKernel }) => [
    String(address),
    String(bytes),
    `${firstKernel}–${lastKernel}`,
    tensor,
  ]);
  return [
    `${memory}: ${peakBytes} B of ${capacityBytes} B${peakBytes > capacityBytes ? ', does not fit' : ''}; ` +
      `most alive: ${lowerBoundBytes} B at #${peakKernel} ${visible(name)}`,
    ...alignColumns(columns, rows),
  ];
}
