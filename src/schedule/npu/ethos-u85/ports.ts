/** The memories at an Ethos-U85's ports, in the unit's own clock. */
import type { U85Geometry, U85Reader } from '../../target.ts';
import type { Port } from '../architecture.ts';
import type { Extent } from '../operation.ts';
import { elementsOf } from '../operation.ts';
import type { FeatureMap } from './work.ts';
import { clip } from './work.ts';

export type Channel = U85Reader | 'write';

const wordBytes = 16;
/** Share of the transfers under way, and of the pace that they allow, which is reached. */
const reached = 0.8;

/** Bytes per cycle that one reader or the writer gets: what is under way must cover the memory's latency. */
export function channelBytesPerCycle(channel: Channel, port: Port, { wordsUnderWay }: U85Geometry): number {
  const burstWords = Math.max(Math.floor(port.burstBytes / wordBytes), 1);
  const own = channel === 'write' ? Infinity : wordsUnderWay[channel] / burstWords;
  const underWay = Math.min(
    own,
    ((channel === 'write' ? port.writesUnderWay : port.readsUnderWay) ?? Infinity) * reached,
  );
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
export function transferBytes(map: FeatureMap, elements: number, block: Extent, way: 'read' | 'write'): number {
  const { port } = map;
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
export function blockCycles(map: FeatureMap, block: Extent, way: 'read' | 'write'): number {
  const { port } = map;
  const inside = elementsOf(clip(block, map));
  const latency = way === 'read' ? port.readLatencyCycles : port.writeLatencyCycles;
  return latency + Math.floor(transferBytes(map, inside, block, way) / port.bytesPerCycle);
}
