/** What the scheduler has decided of each operation so far: how it is cut, and how its weights come. */
import type { Block, Elements } from './architecture.ts';
import type { Extent } from './operation.ts';
import type { EncodedWeights } from './weights/facts.ts';

export type Buffering = 'none' | 'single' | 'double';

/** Estimated once per way of cutting. */
export interface Performance {
  readonly weightReadBytes: number;
  readonly inputReadBytes: number;
  readonly runCycles: number;
  /** With what of the weights' transfers nothing hides. */
  readonly fullCycles: number;
  readonly inputReadCycles: number;
  readonly weightReadCycles: number;
  readonly lastSliceCycles: number;
  readonly visibleCycles: number;
  /** Of the primary input. */
  readonly inputBytes: number;
}

export function isComputeBound({ runCycles, weightReadCycles, inputReadCycles }: Performance): boolean {
  return runCycles > weightReadCycles && runCycles > inputReadCycles;
}

export interface OperationPlan {
  readonly block: Block | undefined;
  /** Rows of output that are computed at once, with all columns and channels. */
  readonly stripe: Extent;
  readonly stripeInput: Extent;
  /** Output channels at which weights are cut. */
  readonly cuts: readonly number[];
  readonly weights: EncodedWeights | null;
  readonly buffering: Buffering;
  readonly parts: readonly number[];
  /** The first slice is fetched while the operation before runs. */
  readonly preBuffered: boolean;
  /** Last operation of its cascade; 0: none. */
  readonly cascade: number;
  readonly firstInCascade: boolean;
  /** Its result takes the place of its operand in the rolling buffer. */
  readonly sharesRolling: boolean;
  readonly cycles: number;
  readonly elements: Elements;
  readonly performance: Performance;
  /** Room and time that the operation leaves for the next one's first weights. */
  readonly slackBytes: number;
  readonly slackCycles: number;
  readonly transferCycles: number;
  /** Its weights lie in the buffer of the operation before, which reads the same. */
  readonly sharesBuffer: boolean;
}

/** What is decided once an operation was cut. */
type Changes = Partial<Omit<OperationPlan, 'block' | 'stripe' | 'stripeInput' | 'cycles' | 'elements'>>;

/** Field by field: engines copy records fast whose fields always stand in one order. */
export function changed(own: OperationPlan, changes: Changes): OperationPlan {
  return {
    block: own.block,
    stripe: own.stripe,
    stripeInput: own.stripeInput,
    cuts: changes.cuts ?? own.cuts,
    weights: changes.weights === undefined ? own.weights : changes.weights,
    buffering: changes.buffering ?? own.buffering,
    parts: changes.parts ?? own.parts,
    preBuffered: changes.preBuffered ?? own.preBuffered,
    cascade: changes.cascade ?? own.cascade,
    firstInCascade: changes.firstInCascade ?? own.firstInCascade,
    sharesRolling: changes.sharesRolling ?? own.sharesRolling,
    cycles: own.cycles,
    elements: own.elements,
    performance: changes.performance ?? own.performance,
    slackBytes: changes.slackBytes ?? own.slackBytes,
    slackCycles: changes.slackCycles ?? own.slackCycles,
    transferCycles: changes.transferCycles ?? own.transferCycles,
    sharesBuffer: changes.sharesBuffer ?? own.sharesBuffer,
  };
}

export interface RollingBuffer {
  readonly shape: Extent;
  readonly bytes: number;
}

/** Operations that run stripe by stripe, one after the other. */
export interface Cascade {
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  readonly localBytes: number;
  /** By consumer. */
  readonly buffers: ReadonlyMap<number, RollingBuffer>;
}

export interface Plan {
  readonly operations: readonly OperationPlan[];
  readonly cascades: ReadonlyMap<number, Cascade>;
}

export function bufferedBytes({ buffering, parts: [first = 0, second = 0] }: OperationPlan): number {
  if (buffering === 'none') return 0;
  return buffering === 'double' ? first + second : first;
}
