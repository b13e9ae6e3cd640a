/** What each operation costs in the end: cycles, and what it moves in which memory. */
import type { Block, Query, WeightTraffic } from './architecture.ts';
import type { Context, Near } from './context.ts';
import { queryOf } from './context.ts';
import type { Look } from './findings.ts';
import { lookOf } from './look.ts';
import type { NpuOperation } from './operation.ts';
import type { NpuTraffic } from './npu-traffic.ts';
import type { OperationPlan } from './plan.ts';

/** One operation of the NPU as it was scheduled. Cycles are those of the unit's clock. */
export interface NpuStep {
  /** The tensor that it makes, in the compiler's words. */
  readonly name: string;
  readonly operator: string;
  readonly macs: number;
  /** As if the output unit took no time. */
  readonly arrayCycles: number;
  /** Array, output unit, and waiting for blocks. */
  readonly unitCycles: number;
  /** With what it waits for its first weights or its table. */
  readonly totalCycles: number;
  readonly traffic: readonly NpuTraffic[];
}

type StepCosts = Omit<NpuStep, 'name' | 'operator'>;

/** Of operations that look alike, by block, then by all else that costs hang on. */
type KnownCosts = Map<Block, Map<string, StepCosts>>;

const remembered = new WeakMap<Look, KnownCosts>();

export function stepOf(
  operation: NpuOperation,
  plans: readonly [OperationPlan, OperationPlan | undefined],
  context: Context,
  near: Near,
): NpuStep | undefined {
  const [own, before] = plans;
  const { block } = own;
  if (block === undefined) return undefined;
  const known = knownCostsOf(lookOf(operation, context, near), block);
  const slackCycles = before?.slackCycles ?? 0;
  const key = `${printPlan(own)} ${slackCycles}`;
  let costs = known.get(key);
  if (costs === undefined) {
    known.set(key, (costs = costsOf(operation, [{ ...own, block }, slackCycles], context, near)));
    context.findings.count++;
  }
  const { macs, arrayCycles, unitCycles, totalCycles, traffic } = costs;
  const { name, operator } = operation;
  return { name, operator, macs, arrayCycles, unitCycles, totalCycles, traffic };
}

function knownCostsOf(look: Look, block: Block): Map<string, StepCosts> {
  let blocks = remembered.get(look);
  if (blocks === undefined) remembered.set(look, (blocks = new Map<Block, Map<string, StepCosts>>()));
  let known = blocks.get(block);
  if (known === undefined) blocks.set(block, (known = new Map<string, StepCosts>()));
  return known;
}

/** What of a plan beside its block decides costs. */
function printPlan({ buffering, preBuffered, transferCycles, slackCycles, weights }: OperationPlan): string {
  const cycles = `${transferCycles} ${slackCycles}`;
  if (weights === null) return `${buffering} ${cycles}`;
  const { weightBytes, totalBytes, firstBytes, sliceBytes, fast } = weights;
  const bytes = `${weightBytes} ${totalBytes} ${firstBytes} ${sliceBytes[0] ?? ''}`;
  return `${buffering} ${cycles} ${bytes} ${preBuffered ? 'before' : ''} ${fast === true ? 'fast' : ''}`;
}

function costsOf(
  operation: NpuOperation,
  [own, slackCycles]: readonly [OperationPlan & { readonly block: Block }, number],
  context: Context,
  near: Near,
): StepCosts {
  const buffered = own.buffering !== 'none';
  const query = queryOf(operation, context, {
    ...{ block: own.block, near },
    ...(buffered && { weightsPort: context.ports.near }),
  });
  const cycles = context.architecture.cycles(query);
  return {
    macs: cycles.macs,
    arrayCycles: cycles.array,
    unitCycles: cycles.total,
    totalCycles: cycles.total + waitCycles(cycles.total, operation, [own, slackCycles], context),
    traffic: trafficOf(query, own, context),
  };
}

/** For the first weights or for a table; `slackCycles` before it hide them. */
function waitCycles(
  cycles: number,
  { tableBytes, activation }: NpuOperation,
  [own, slackCycles]: readonly [OperationPlan, number],
  { ports, architecture }: Context,
): number {
  // The table lies in the unit's own buffer, which takes a byte a cycle.
  const tablePort = { ...ports.near, bytesPerCycle: 1, readLatencyCycles: 0, writeLatencyCycles: 0 };
  // Vela does not count the table of an activation behind another operation.
  const isCounted = tableBytes > 0 && activation === 'none';
  const table = isCounted ? architecture.transferCycles(tablePort, ports.constants, tableBytes) : 0;
  if (own.buffering === 'none') return Math.max(0, table - slackCycles);
  const first = Math.max(
    0,
    architecture.transferCycles(ports.near, ports.constants, own.weights!.firstBytes) - slackCycles,
  );
  return Math.max(own.transferCycles - slackCycles + own.slackCycles - cycles, first) + table;
}

function weightTraffic({ weights, buffering, preBuffered }: OperationPlan, { ports }: Context): WeightTraffic | null {
  if (weights === null) return null;
  const { weightBytes, totalBytes, sliceBytes, fast = false } = weights;
  return {
    ...{ weightBytes, fast },
    scaleBytes: totalBytes - weightBytes,
    port: ports.constants,
    copiedBefore: preBuffered ? (sliceBytes[0] ?? 0) : 0,
    ...(buffering !== 'none' && { bufferPort: ports.near }),
  };
}

/** Bytes of each role; scales always come from where constants are. */
function trafficOf(query: Query, own: OperationPlan, context: Context): readonly NpuTraffic[] {
  const { architecture, ports } = context;
  if (architecture.traffic !== undefined) return architecture.traffic(query, weightTraffic(own, context));
  const elements = architecture.elements(query);
  const parts: NpuTraffic[] = [];
  const add = (port: Query['output']['port'], part: Omit<NpuTraffic, 'memory' | 'cycles'>, counted?: number) => {
    const bytes = counted ?? part.readBytes + part.writeBytes;
    if (part.readBytes + part.writeBytes + bytes === 0) return;
    parts.push({ ...part, memory: port.memory, cycles: bytes / port.bytesPerCycle });
  };
  for (const [operand, { port }] of query.inputs.entries()) {
    const read = architecture.burstBytes(query, operand as 0 | 1, elements.inputs[operand] ?? 0);
    add(port, { role: 'input', readBytes: read, writeBytes: 0 });
  }
  const written = architecture.burstBytes(query, 2, elements.output);
  add(query.output.port, { role: 'output', readBytes: 0, writeBytes: written });
  if (query.scratchPort !== undefined) {
    const bytes = elements.scratch;
    add(query.scratchPort, { role: 'workspace', readBytes: bytes, writeBytes: bytes });
  }
  const { weights } = own;
  if (weights === null) return parts;
  const scales = weights.totalBytes - weights.weightBytes;
  const reads = elements.weightReads;
  if (own.buffering === 'none') {
    add(ports.constants, { role: 'weights', readBytes: reads * weights.totalBytes, writeBytes: 0 });
    return parts;
  }
  const early = own.preBuffered ? weights.sliceBytes[0]! : 0;
  const late = Math.max(0, weights.weightBytes - early);
  add(ports.constants, { role: 'weights', readBytes: weights.totalBytes, writeBytes: 0 }, late + reads * scales);
  const read = reads * weights.totalBytes;
  add(
    ports.near,
    { role: 'weights', readBytes: read, writeBytes: weights.totalBytes },
    late + reads * weights.weightBytes,
  );
  return parts;
}
