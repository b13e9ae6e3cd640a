/** What a run of the original and of the edited model says of the edit's outputs. */

/** `activations`: whether the run rounds what flows between layers, where the edit does. */
export interface Verified {
  /** `onnxruntime 1.30.0`. */
  readonly runtime: string;
  readonly runs: number;
  /** `random (seed 0)`, or the folder that they come from. */
  readonly inputs: string;
  readonly activations: 'quantized' | 'not quantized' | 'as in the model';
  /** Random integers are drawn from 0 to this. */
  readonly integerInputs: readonly { readonly name: string; readonly largest: number }[];
  /** Edited weights that the edited model holds. */
  readonly weights: number;
  /** Weights that it holds as they were. */
  readonly left: readonly { readonly weight: string; readonly reason: string }[];
  readonly outputs: readonly OutputError[];
}

/** Over all elements y of the original's output in all runs, and y' of the edited one's. */
export interface OutputError {
  readonly name: string;
  /** 10·log10(Σy² / Σ(y−y')²); null where all are equal or the reason says why it is not known. */
  readonly sqnrDecibels: number | null;
  /** Σyy' / √(Σy²·Σy'²); null where one of the outputs is all zeros or the reason says why it is not known. */
  readonly cosine: number | null;
  readonly reason?: string;
}

/** Why nothing could be run. A sentence without a full stop. */
export interface NotVerified {
  readonly reason: string;
}

export type Verification = Verified | NotVerified;
