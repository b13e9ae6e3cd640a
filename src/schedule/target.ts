/**
 * A hardware target as the compiler and the simulator use it: plain numbers in SI units. `target-file.ts` reads it
 * from YAML, where every number stands with its kind and source; those are kept in `provenance`.
 */
import type { OperatorClass, VectorOperation } from '../operators/work.ts';

/** Number formats that arithmetic runs in. `int16` stands for 16-bit activations with 8-bit weights (w8a16). */
export type ComputeType = 'int8' | 'int16' | 'float16' | 'bfloat16' | 'float32';

export type TargetStatus = 'calibrated' | 'datasheet' | 'estimate';

export interface ComputeUnit {
  readonly id: string;
  readonly kind: 'simd' | 'mcu' | 'systolic' | 'block-npu' | 'gpu';
  /** Cores (or multiprocessors) that the runtime uses. */
  readonly cores: number;
  readonly clockHertz: number;
  /** Per core; an absent type cannot be computed here. */
  readonly macsPerCycle: Partial<Readonly<Record<ComputeType, number>>>;
  /** The granularity that a loop nest is rounded up to: what `utilization` loses to shape. By unit kind. */
  readonly geometry: UnitGeometry;
  /** Reached share of the peak after rounding, by operator class and compute type; `default` where none is given. */
  readonly efficiency: Partial<Readonly<Record<OperatorClass | 'default', number>>>;
  readonly efficiencyByType?: Partial<Readonly<Record<ComputeType, Partial<Readonly<Record<OperatorClass, number>>>>>>;
  /** Elements per cycle and core for per-element work on 32-bit elements; narrower ones scale by `vectorWidth`. */
  readonly vectorElementsPerCycle: Readonly<Record<VectorOperation, number>>;
  /** True where 8-bit elements run four times, 16-bit twice as fast per cycle as 32-bit. */
  readonly vectorScalesWithWidth: boolean;
  /** Winograd: where the runtime has it. Absent: never. `gain` = direct MACs / executed MACs × transform loss. */
  readonly winograd?: {
    readonly types: readonly ComputeType[];
    readonly minimumChannels: number;
    readonly gain: number;
  };
  /** Throughput of all cores / (cores × throughput of one). */
  readonly parallelEfficiency: number;
  /** How compute and transfers overlap in a kernel: `norm` p of (compute^p + transfers^p)^(1/p); 1 none, Infinity perfect. */
  readonly overlapNorm: number;
  /** Fixed cost of starting a kernel here. */
  readonly dispatchSeconds: number;
  /** Cost of handing work to this unit from another one. */
  readonly handoverSeconds: number;
}

export type OutputWork =
  'plain' | 'multiply' | 'add' | 'maximum' | 'wideUnary' | 'wideBinary' | 'wideProduct' | 'clamp' | 'lookup';

export type UnitGeometry =
  /** The micro-kernel of a CPU library: output rows × output channels; the reduction in steps of `depth`. */
  | { readonly kind: 'micro-kernel'; readonly rows: number; readonly columns: number; readonly depth: number }
  /** Weight-stationary array. */
  | { readonly kind: 'array'; readonly rows: number; readonly columns: number }
  /** Arm's Ethos-U: micro-block of the output feature map and limits of a block. */
  | {
      readonly kind: 'block';
      readonly microBlock: {
        readonly height: number;
        readonly width: number;
        readonly depth: number;
        /** Input channels that are read together. */
        readonly inputDepth: number;
      };
      readonly bufferBanks: number;
      readonly bankBytes: number;
      /** Banks of the buffer are given out in multiples of these, by what they hold and its bits. */
      readonly granules: Readonly<Record<'input8' | 'input16' | 'input32' | 'sum32' | 'sum40', number>>;
      /**
       * Output unit: cycles per element by what it does; `wide`: on 32-bit operands (of one or two inputs), products
       * with 32-bit results; `clamp` and `lookup` are activations behind another operation.
       */
      readonly outputCyclesPerElement: Readonly<Record<OutputWork, number>>;
    }
  /** Thread-block tiles spread over multiprocessors. */
  | {
      readonly kind: 'waves';
      readonly tiles: readonly (readonly [number, number])[];
      readonly blocksPerMultiprocessor: number;
    };

export interface Memory {
  /** `sram`, `dram`, `flash`, …: the keys of `trafficBytes` and `peakMemoryBytesByMemory`. */
  readonly id: string;
  /** What bounds a layer when this memory does. */
  readonly bound: 'dram' | 'sram' | 'flash' | 'link';
  readonly capacityBytes: number;
  readonly bandwidthBytesPerSecond: number;
  /** Reached share of the bandwidth. */
  readonly efficiency: number;
  readonly latencySeconds: number;
  /** Absent: as for reading. */
  readonly writeLatencySeconds?: number;
  /** Transfers are rounded up to multiples of this. */
  readonly burstBytes: number;
  readonly readJoulesPerByte: number;
  readonly writeJoulesPerByte: number;
}

export interface MemoryPlan {
  /** Memory that holds the activations' arena. */
  readonly activations: string;
  /** Memory that weights are read from when a kernel needs them. */
  readonly weights: string;
  /** On-chip level that tiles must fit (cache, VTCM, TCM); kernels larger than it read operands again. */
  readonly onChip?: { readonly memory: string; readonly usableBytes: number };
  /** Weights kept on chip between inferences (Edge TPU): the first `usableBytes` are not read again. */
  readonly residentWeights?: { readonly memory: string; readonly usableBytes: number };
  /** Activations that overflow the arena's memory go here; absent: the model does not fit and the report says so. */
  readonly spill?: string;
  readonly alignBytes: number;
  /**
   * Feature maps between kernels are stored in bricks of this many channels (Ethos-U: 16, the layout NHCWB16), the last
   * one filled up; absent: without gaps. The model's own inputs and outputs have none.
   */
  readonly brickChannels?: number;
  readonly allocator: 'greedy-by-size' | 'hill-climb';
  /** True where the runtime writes an element-wise result over an operand that nothing reads later. */
  readonly inPlaceElementwise?: boolean;
  /** What the runtime itself takes beside the tensors. */
  readonly runtimeOverheadBytes: number;
  /** What the compiler may use of the activations' memory; absent: as much as it likes. */
  readonly cacheBytes?: number;
  /** Compressed / plain weights, where the compiler compresses them and the file's are not there to be compressed. */
  readonly compressedShare?: number;
  /** Transfers between host and device at the borders of a partition. */
  readonly hostLink?: string;
}

/** One row of what an accelerator (or CPU library) runs natively. Limits are checked in this order. */
export interface OperatorSupport {
  readonly types: readonly ComputeType[];
  readonly maximumKernel?: readonly [number, number];
  readonly maximumStride?: number;
  /** Larger strides without padding and dilation only. */
  readonly unpaddedStride?: number;
  readonly maximumKernelArea?: number;
  readonly dilation?: boolean;
  readonly constantWeights?: boolean;
  readonly grouped?: 'none' | 'depthwise' | 'any';
  /** Attribute name to the values that are supported: `mode: [nearest, linear]`. */
  readonly attributes?: Readonly<Record<string, readonly (string | number)[]>>;
  readonly maximumRank?: number;
}

export interface Support {
  /** Operator name (contrib ones as `com.microsoft.Name`) to its limits; an operator without a row falls back. */
  readonly operators: ReadonlyMap<string, OperatorSupport>;
  /** Every operator without a row is run (CPU runtimes); `types` of the unit still apply. */
  readonly anyOperator: boolean;
  readonly maximumRank: number;
  readonly batchOneOnly: boolean;
  /** `single-cut`: everything after the first unsupported operator runs on the fallback unit. */
  readonly partition: 'any' | 'single-cut' | 'none';
  /** Absent: what is not supported cannot run at all and is reported so. */
  readonly fallbackUnit?: string;
}

/** Closed list of what runtimes merge into one kernel; each rule is one file of `schedule/fusion/`. */
export type FusionRule =
  | 'bias' // MatMul/Conv + constant Add
  | 'activation-clamp' // + Relu, Relu6, Clip
  | 'activation-table' // + a function of one number, looked up in a table (Ethos-U)
  | 'activation-any' // + HardSwish, Sigmoid, Tanh, Gelu, LeakyRelu, PRelu
  | 'residual-add' // conv + Add of another activation (+ activation)
  | 'pad' // Pad into the convolution or pool that follows
  | 'pad-convolution' // Pad into the convolution that follows
  | 'elementwise-chain' // consecutive element-wise operators
  | 'transpose-reshape' // layout operators of constant order beside a matmul
  | 'attention'; // matmul, scale, mask, softmax, matmul

export interface EnergyModel {
  /** Energy of one MAC, registers and control included. */
  readonly joulesPerMac: Partial<Readonly<Record<ComputeType, number>>>;
  /** Energy of one per-element operation. */
  readonly joulesPerVectorElement: number;
  readonly staticWatts: number;
  /** Drawn between inferences when a rate is given. */
  readonly idleWatts: number;
  /** Measured power while running; the bottom-up sum is scaled to it. */
  readonly activeWatts?: number;
}

/** How far estimates were from measurements that were not used to fit; the bands come from here. */
export interface Validation {
  readonly metric: 'latency' | 'energy' | 'peak-memory';
  /** measured / estimated at the 10th and 90th percentile of the held-out rows. */
  readonly band: readonly [number, number];
  readonly medianAbsoluteError: number;
  readonly rows: number;
  /** Held-out model families. */
  readonly families: readonly string[];
  readonly source: string;
}

/** A number of a target file and where it came from. */
export interface Provenance {
  /** `units.npu.clockHertz` */
  readonly path: string;
  readonly value: number;
  readonly kind: 'datasheet' | 'measured' | 'fitted' | 'estimate';
  readonly source: string;
  /** Relative standard deviation of the number. */
  readonly sigma: number;
}

export interface Target {
  /** Shortest unambiguous: the newest version and the first variant of a file are not named in it. */
  readonly id: string;
  /** The file's own id, which all its versions and variants share. */
  readonly hardware: string;
  /** `<system>[:<memory>]`; empty where the file has no variants. */
  readonly variant: string;
  readonly name: string;
  readonly class:
    'mcu' | 'mcu-npu' | 'sbc-cpu' | 'mobile-cpu' | 'mobile-npu' | 'edge-npu' | 'edge-gpu' | 'server-gpu' | 'server-cpu';
  readonly status: TargetStatus;
  readonly runtime: { readonly name: string; readonly version: string; readonly threads: number };
  /** The first runs what is supported; the fallback unit is named in `support`. */
  readonly units: readonly ComputeUnit[];
  readonly memories: readonly Memory[];
  readonly plan: MemoryPlan;
  readonly support: Support;
  readonly fusion: readonly FusionRule[];
  /** The dtype that a float model is assumed to ship in where the target has no float support. */
  readonly assumedType?: ComputeType;
  readonly energy: EnergyModel;
  /** Fixed cost of one inference: interpreter, driver, input copy. */
  readonly invokeSeconds: number;
  readonly validation: readonly Validation[];
  readonly provenance: readonly Provenance[];
}
