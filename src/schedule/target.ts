/**
 * A hardware target as the compiler and the simulator use it: plain numbers in SI units. `target-file.ts` reads it
 * from YAML, where every number stands with its kind and source; those are kept in `provenance`.
 */
import type { OperatorClass, VectorOperation } from '../operators/work.ts';
import type { UnitGeometry } from './unit-geometry.ts';

export type {
  OutputWork,
  U85Geometry,
  U85MicroBlock,
  U85MicroBlockUse,
  U85Reader,
  UnitGeometry,
} from './unit-geometry.ts';

/** Number formats that arithmetic runs in. `int16` stands for 16-bit activations with 8-bit weights (w8a16). */
export type ComputeType = 'int8' | 'int16' | 'float16' | 'bfloat16' | 'float32';

export type TargetStatus = 'calibrated' | 'datasheet' | 'estimate';

/** Operators of one class run at one rate; these two ways to convolve have rates of their own. */
export type RateClass = OperatorClass | 'winograd' | 'grouped-convolution';

export interface ComputeUnit {
  readonly id: string;
  readonly kind: 'simd' | 'mcu' | 'systolic' | 'block-npu' | 'gpu' | 'channel-processors' | 'dataflow';
  /** Cores (or multiprocessors) that the runtime uses. */
  readonly cores: number;
  readonly clockHertz: number;
  /** Per core; an absent type cannot be computed here. */
  readonly macsPerCycle: Partial<Readonly<Record<ComputeType, number>>>;
  /** The granularity that a loop nest is rounded up to: what `utilization` loses to shape. By unit kind. */
  readonly geometry: UnitGeometry;
  /** Reached share of the peak after rounding, by operator class and compute type; `default` where none is given. */
  readonly efficiency: Partial<Readonly<Record<RateClass | 'default', number>>>;
  readonly efficiencyByType?: Partial<Readonly<Record<ComputeType, Partial<Readonly<Record<RateClass, number>>>>>>;
  /** Elements per cycle and core for per-element work on 32-bit elements; narrower ones scale by `vectorWidth`. */
  readonly vectorElementsPerCycle: Readonly<Record<VectorOperation, number>>;
  /** True where 8-bit elements run four times, 16-bit twice as fast per cycle as 32-bit. */
  readonly vectorScalesWithWidth: boolean;
  /** Where the runtime has Winograd's convolution; absent: never. */
  readonly winograd?: {
    /** The first that takes a convolution computes it; where none does, the library convolves directly. */
    readonly forms: readonly {
      readonly types: readonly ComputeType[];
      /** Of inputs and outputs both. */
      readonly minimumChannels: number;
      /** Of inputs and outputs both; absent: no limit. */
      readonly maximumChannels?: number;
      /** Edges of the output tiles that there are kernels for: 6 is F(6x6, 3x3). That with the fewest products is taken. */
      readonly outputTiles: readonly number[];
    }[];
    /** Per core: elements that the transforms write, 32 bits each; narrower ones scale by `vectorScalesWithWidth`. */
    readonly transformedElementsPerCycle: number;
  };
  /**
   * Fixed cost of each group but the first, where the library computes a grouped convolution group by group; depthwise ones
   * never.
   */
  readonly groupSeconds?: number;
  /**
   * True where products of integers put their 32-bit sums into memory, and a second pass makes results of them; depthwise
   * ones never.
   */
  readonly storedSums?: boolean;
  /** Classes whose 32-bit weights the library keeps in 16 bits and widens as it reads them. */
  readonly halvedWeights?: readonly RateClass[];
  /** Throughput of all cores / (cores × throughput of one). */
  readonly parallelEfficiency: number;
  /** How compute and transfers overlap in a kernel: `norm` p of (compute^p + transfers^p)^(1/p); 1 none, Infinity perfect. */
  readonly overlapNorm: number;
  /** Fixed cost of starting a kernel here. */
  readonly dispatchSeconds: number;
  /** Cost of handing work to this unit from another one. */
  readonly handoverSeconds: number;
}

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
  /** Absent: that of reading. */
  readonly writeLatencySeconds?: number;
  /** Transfers of one burst each that a unit may have under way, at all ports together; absent: no limit. */
  readonly readsUnderWay?: number;
  readonly writesUnderWay?: number;
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
  /**
   * True where the unit has its weights in `weights` or cannot run at all (MAX78000): the layers that are left when the
   * memory is full fall back.
   */
  readonly weightsMustFit?: boolean;
  /** Memory that the fallback unit reads its weights from; absent: `weights`. */
  readonly fallbackWeights?: string;
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
  /** The only filter sizes that there are. */
  readonly kernelSizes?: readonly (readonly [number, number])[];
  /** The only strides that there are. */
  readonly strides?: readonly number[];
  /** Input or output channels of one group. */
  readonly maximumChannels?: number;
  readonly dilation?: boolean;
  readonly constantWeights?: boolean;
  readonly grouped?: 'none' | 'depthwise' | 'any';
  /** On 32-bit and 64-bit integers too. */
  readonly wideIntegers?: boolean;
  /** Attribute name to the values that are supported: `mode: [nearest, linear]`. */
  readonly attributes?: Readonly<Record<string, readonly (string | number)[]>>;
  readonly maximumRank?: number;
}

/** Forms of weights that stay as the file has them in the memory that they are read from. */
export interface CompressedWeights {
  readonly forms: readonly ('palette' | 'sparse')[];
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
  /**
   * True where products of activations that come out of a DequantizeLinear and quantized weights read the integers, whatever
   * type the result has; others need a QuantizeLinear behind it.
   */
  readonly dequantizedProducts?: boolean;
  /** Absent: the main unit's runtime unpacks all weights when it loads the model. */
  readonly compressedWeights?: CompressedWeights;
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

/**
 * Published measurements that this target answers to: rows of this hardware and runtime, each as its source writes it (`*`
 * stands for any text). The target is fitted to such rows and scored on them.
 */
export interface MeasurementRule {
  readonly hardware: readonly string[];
  /** Name, version and threads, as the rows have them. */
  readonly runtime: readonly string[];
  /** The number format that a row names, and what the target computes it in. */
  readonly types: Readonly<Record<string, ComputeType>>;
}

/** How far estimates were from measurements that were not used to fit; the bands come from here. */
export interface Validation {
  readonly metric: 'latency' | 'energy' | 'peak-memory';
  /** Factors around an estimate that 80% of the held-out rows were within. */
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
  readonly measurements?: readonly MeasurementRule[];
  readonly validation: readonly Validation[];
  readonly provenance: readonly Provenance[];
}
