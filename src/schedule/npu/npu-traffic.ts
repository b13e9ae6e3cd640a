export interface NpuTraffic {
  readonly memory: string;
  readonly role: 'weights' | 'input' | 'output' | 'workspace';
  /** In whole bursts. */
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Cycles of the memory's port that count against the operation. */
  readonly cycles: number;
}
