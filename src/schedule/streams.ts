/** Bytes that a kernel moves to and from each memory, by role. */
import type { Draft, Operand } from './draft.ts';
import type { MemoryMap } from './arenas.ts';
import { memoryOf } from './arenas.ts';
import { workspaceOf } from './live-ranges.ts';
import type { Stream } from './schedule.ts';
import type { Target } from './target.ts';
import { weightsMemoryOf } from './weight-room.ts';

/** Bytes that cross the link between host and device because of one kernel. */
export interface Crossing {
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly tensors: number;
}

export function streamsOf(draft: Draft, map: MemoryMap, crossing: Crossing, target: Target): readonly Stream[] {
  const { plan } = target;
  // Views and what could not be counted move nothing.
  if (draft.algorithm === 'none') return [];
  const home = weightsMemoryOf(draft.placement.unit.id, target);
  const streams: Stream[] = [];
  for (const operand of draft.inputs) {
    add(streams, reading('input', memoryOf(operand.buffer, map), operand, operand.bytes));
  }
  for (const operand of draft.weights) {
    for (const stream of weightStreams(operand, map, home, plan)) add(streams, stream);
  }
  for (const { buffer, bytes, transfers } of draft.outputs) {
    add(streams, { memory: memoryOf(buffer, map), role: 'output', readBytes: 0, writeBytes: bytes, transfers });
  }
  if (draft.workspaceBytes > 0) {
    const workspace = memoryOf(workspaceOf(draft), map);
    const bytes = draft.workspaceBytes;
    add(streams, { memory: workspace, role: 'workspace', readBytes: bytes, writeBytes: bytes, transfers: 1 });
  }
  if (plan.hostLink !== undefined && crossing.tensors > 0) {
    const { readBytes, writeBytes, tensors } = crossing;
    add(streams, { memory: plan.hostLink, role: 'transfer', readBytes, writeBytes, transfers: tensors });
  }
  return streams;
}

function reading(role: Stream['role'], memory: string, operand: Operand, bytes: number): Stream {
  return { memory, role, readBytes: Math.round(bytes * operand.reads), writeBytes: 0, transfers: operand.transfers };
}

/** The part that stays on chip is read there, the rest from `home`, where the unit has its weights. */
function weightStreams(operand: Operand, { residentBytes }: MemoryMap, home: string, plan: Target['plan']): Stream[] {
  const resident = home === plan.weights ? (residentBytes.get(operand.tensor) ?? 0) : 0;
  if (plan.residentWeights === undefined || resident === 0) return [reading('weights', home, operand, operand.bytes)];
  const rest = reading('weights', home, operand, Math.max(0, operand.bytes - resident));
  return [reading('weights', plan.residentWeights.memory, operand, resident), rest];
}

/** To the one of its memory and role, if there is one: a kernel has a handful, looking through them is faster than keys. */
function add(streams: Stream[], stream: Stream): void {
  if (stream.readBytes + stream.writeBytes === 0) return;
  const at = streams.findIndex(({ role, memory }) => role === stream.role && memory === stream.memory);
  if (at < 0) streams.push(stream);
  else streams[at] = sum(streams[at]!, stream);
}

function sum(a: Stream, b: Stream): Stream {
  return {
    memory: a.memory,
    role: a.role,
    readBytes: a.readBytes + b.readBytes,
    writeBytes: a.writeBytes + b.writeBytes,
    transfers: a.transfers + b.transfers,
  };
}
