/** The compiled model: kernels in execution order, where their tensors live, what they move. Input of the simulator. */
import type { LoopNest, OperatorClass, VectorWork } from '../operators/work.ts';
import type { NpuStep } from './npu/final.ts';
import type { ComputeType, Target } from './target.ts';

/** Why a layer does not run on the main unit. */
export type FallbackCode =
  | 'operator'
  | 'dtype'
  | 'rank'
  | 'batch'
  | 'dynamic-shape'
  | 'attribute'
  | 'kernel-size'
  | 'weights-not-constant'
  | 'weights-too-large'
  | 'partition';

export interface Fallback {
  readonly code: FallbackCode;
  /** One sentence for the reader: "`Resize` with mode=cubic is not supported; nearest and linear are". */
  readonly reason: string;
}

export type Algorithm =
  'direct' | 'im2col-gemm' | 'gemm' | 'gemv' | 'winograd' | 'depthwise' | 'elementwise' | 'copy' | 'none';

/** Bytes that a kernel moves to or from one memory, bursts not yet rounded. */
export interface Stream {
  readonly memory: string;
  readonly role: 'weights' | 'input' | 'output' | 'workspace' | 'transfer';
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Contiguous runs, for burst rounding and latency. */
  readonly transfers: number;
}

/** Loop bounds of a tile and how often it runs; the product of the steps covers the nest. */
export interface Tile {
  readonly OY: number;
  readonly OX: number;
  readonly K: number;
  readonly C: number;
  readonly steps: number;
  /** Bytes that one tile holds on chip, double buffers included. */
  readonly onChipBytes: number;
}

export interface TensorUse {
  readonly tensor: string;
  /** The placement that it lies in: its own, or that of the tensor it is a view of or written over. */
  readonly buffer: string;
  readonly bytes: number;
  readonly memory: string;
}

/** What runs as one launch: a host node with everything that was fused into it or is free beside it. */
export interface Kernel {
  /** Position in execution order. */
  readonly index: number;
  /** Id of the host node. */
  readonly name: string;
  /** Operator of the host node, contrib domains in front. */
  readonly operator: string;
  /** Ids of the file's nodes, in execution order; every node outside constant subgraphs is in exactly one kernel. */
  readonly nodes: readonly string[];
  /** Operators of the nodes that were fused in and compute something, host first: `Conv + Relu`. */
  readonly fused: readonly string[];
  readonly unit: string;
  readonly type: ComputeType;
  /** True where the dtype is the target's assumption and not the file's. */
  readonly assumed: boolean;
  readonly operatorClass: OperatorClass;
  readonly algorithm: Algorithm;
  /** Nests, per-element work, tile, streams and workspace are those of one run; see `repetitions`. */
  readonly nests: readonly LoopNest[];
  readonly vector: readonly VectorWork[];
  /** Nominal multiply-accumulates of the file's graph, all repetitions included. */
  readonly macs: number;
  /** After the choice of algorithm (Winograd needs fewer). */
  readonly executedMacs: number;
  /** Elements of parameters, counted once where several kernels share them (the first one has them). */
  readonly parameters: number;
  /** Bytes of the parameters as stored in the file. */
  readonly weightsBytes: number;
  /** Bytes of the file that belong to this kernel's constants. */
  readonly fileBytes: number;
  readonly inputs: readonly TensorUse[];
  readonly outputs: readonly TensorUse[];
  /** Of the main nest; null without nests, and on units that cut them in their own way (Ethos-U blocks). */
  readonly tile: Tile | null;
  readonly streams: readonly Stream[];
  readonly workspaceBytes: number;
  /** What an NPU that works in blocks runs for it; their streams, in whole bursts, are those above. */
  readonly steps?: readonly NpuStep[];
  /** Runs per inference. */
  readonly repetitions: number;
  /** Also where the work could not be counted (an unknown operator): then there are no MACs and no streams. */
  readonly fallback: Fallback | null;
  /** Shape of the host's output, for people. */
  readonly outputShape: readonly number[];
}

/** One tensor in an arena, alive from the kernel that writes it to the last that reads it, both included. */
export interface BufferPlacement {
  readonly tensor: string;
  readonly address: number;
  readonly bytes: number;
  readonly firstKernel: number;
  readonly lastKernel: number;
}

export interface Arena {
  readonly memory: string;
  readonly placements: readonly BufferPlacement[];
  /** Highest end address, alignment included, runtime overhead included. */
  readonly peakBytes: number;
  /** The largest sum of live bytes at any kernel: no allocator can need less. */
  readonly lowerBoundBytes: number;
  /** Index of the kernel at which the most bytes are live. */
  readonly peakKernel: number;
  /** Live bytes at each kernel, in order. */
  readonly liveBytes: readonly number[];
  readonly capacityBytes: number;
}

export interface UnknownOperator {
  /** `com.example.Foo` or `Foo`. */
  readonly operator: string;
  readonly count: number;
}

export interface Schedule {
  readonly target: Target;
  readonly kernels: readonly Kernel[];
  /** One per memory that holds activations or weights during the run. */
  readonly arenas: readonly Arena[];
  /** What was taken for granted: dimensions set to 1, the assumed dtype, loop counts. Sorted. */
  readonly assumptions: readonly string[];
  readonly unknownOperators: readonly UnknownOperator[];
  /** Known operators whose cost is missing, since a size of theirs is not known. Sorted. */
  readonly uncountedOperators: readonly string[];
  /** Share of the file's nodes that could be compiled. */
  readonly coverage: number;
  /** Sizes that do not depend on the target. */
  readonly sizes: ModelSizes;
  /** Nodes that were computed at compile time. */
  readonly constantNodes: readonly string[];
}

export interface ModelSizes {
  readonly fileBytes: number;
  readonly downloadBytes: number | null;
  readonly weightsBytes: number;
  readonly parameters: number;
  readonly macs: number;
  /** `fileBytes` not owned by any kernel. */
  readonly overheadBytes: number;
}
