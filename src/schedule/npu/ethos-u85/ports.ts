/** The memories at an Ethos-U85's ports, in the unit's own clock. */
import type { Memory, U85Geometry, U85Reader } from '../target.ts';
import type { Extent, FeatureMap } from './operation.ts';
import { elementsOf } from './operation.ts';

export interface Port {
  readonly bytesPerCycle: number;
  readonly readLatencyCycles: number;
  readonly writeLatencyCycles: number;
  readonly burstBytes: number;
  /** Transfers under way at most. */
  readonly reads: number;
  readonly writes: number;
}

export function portOf(memory: Memory, clockHertz: number): Port {
  const { latencySeconds, writeLatencySeconds = latencySeconds } = memory;
  return {
    bytesPerCycle: (memory.bandwidthBytesPerSecond * memory.efficiency) / clockHertz,
    readLatencyCycles: Math.round(latencySeconds * clockHertz),
    writeLatencyCycles: Math.round(writeLatencySeconds * clockHertz),
    burstBytes: memory.burstBytes,
    reads: memory.readsUnderWay ?? Infinity,
    writes: memory.writesUnderWay ?? Infinity,
  };
}

export type Channel = U85Reader | 'write';

const wordBytes = 16;
/** Share of the transfers under way, and of the pace that they allow, which is reached. */
const reached = 0.8;

/** Bytes per cycle that one reader or the writer gets: what is under way must cover the memory's latency. */
export function channelBytesPerCycle(channel: Channel, port: Port, { wordsUnderWay }: U85Geometry): number {
  const burstWords = Math.max(Math.floor(port.burstBytes / wordBytes), 1);
  const own = channel === 'write' ? Infinity : wordsUnderWay[channel] / burstWords;
  const underWay = Math.min(own, (channel === 'write' ? port.writes : port.reads) * reached);
  const latency = channel === 'write' ? port.writeLatencyCycles : port.readLatencyCycles;
  return Math.min(port.bytesPerCycle, ((port.burstBytes * underWay) / latency) * reached);
}

/** Cycles of a copy: the slower of reading and writing. */
export function copyCycles(bytes: number, from: Port, to: Port, geometry: U85Geometry): number {
  const read = Math.floor(bytes / channelBytesPerCycle('copy', from, geometry)) + from.readLatencyCycles;
  const write = Math.floor(bytes / channelBytesPerCycle('write', to, geometry)) + to.writeLatencyCycles;
  return Math.max(read, write);
}

/** Bytes as whole bursts: runs of contiguous elements, by layout and block, fill only a part of one. */
export function transferBytes(
  map: FeatureMap,
  elements: number,
  block: Extent,
  way: 'read' | 'write',
  port: Port,
): number {
  const run = Math.floor(runBits(map, block, way) / 8);
  const burst = Math.min(port.burstBytes, run);
  return Math.floor((Math.floor((elements * map.bits) / 8) * port.burstBytes) / burst);
}

function runBits(map: FeatureMap, block: Extent, way: 'read' | 'write'): number {
  const { bits } = map;
  const rows = block.width * block.depth * bits;
  if (map.bricks) return (map.width * bits * 16) / 8 === block.depth ? rows : 16 * bits * block.width;
  const whole = (map.depth * bits) / 8 === block.depth;
  if (way === 'read') return whole ? rows : bits * block.depth;
  return whole && block.depth <= 16 ? rows : Math.min(64 * 8, 16 * bits, block.depth * bits);
}

/** Cycles in which one block of a feature map comes in or goes out, only what of it lies in the map. */
export function blockCycles(map: FeatureMap, block: Extent, way: 'read' | 'write', port: Port): number {
  const inside = elementsOf({
    height: Math.min(map.height, block.height),
    width: Math.min(map.width, block.width),
    depth: Math.min(map.depth, block.depth),
  });
  const latency = way === 'read' ? port.readLatencyCycles : port.writeLatencyCycles;
  return latency + Math.floor(transferBytes(map, inside, block, way, port) / port.bytesPerCycle);
}
