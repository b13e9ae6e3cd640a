/** From which kernel to which each buffer is needed. */
import type { Buffers } from './buffers.ts';
import type { Draft } from './draft.ts';
import type { Program } from './program.ts';

export interface LiveRange {
  /** The buffer's name: that of the first tensor in it. */
  readonly tensor: string;
  readonly bytes: number;
  readonly firstKernel: number;
  readonly lastKernel: number;
}

/**
 * Buffers of the activations, results and workspaces. The model's inputs are there from the start, its outputs to the
 * end, its states all the time; what a loop reads from outside is needed until the loop's end, since its next run reads it again.
 */
export function liveRanges(
  drafts: readonly Draft[],
  program: Program,
  { bufferOf, bytes }: Buffers,
): readonly LiveRange[] {
  const ranges = new Map<string, { -readonly [Field in keyof LiveRange]: LiveRange[Field] }>();
  const rangeFrom = (buffer: string, firstKernel: number) => {
    let range = ranges.get(buffer);
    if (range === undefined) {
      range = { tensor: buffer, bytes: bytes.get(buffer) ?? 0, firstKernel, lastKernel: 0 };
      ranges.set(buffer, range);
    }
    return range;
  };
  for (const input of program.graph.inputs) rangeFrom(bufferOf(input), 0);
  const loopEnds = loopEndsOf(drafts);
  for (const [index, { inputs, outputs }] of drafts.entries()) {
    for (const { buffer } of outputs) {
      const range = rangeFrom(buffer, index);
      range.lastKernel = Math.max(range.lastKernel, index);
    }
    for (const { buffer } of inputs) {
      const range = rangeFrom(buffer, 0);
      const { start, end } = loopEnds[index]!;
      range.lastKernel = Math.max(range.lastKernel, range.firstKernel < start ? end : index);
    }
  }
  const final = Math.max(0, drafts.length - 1);
  for (const output of program.graph.outputs) {
    const range = ranges.get(bufferOf(output));
    if (range !== undefined) range.lastKernel = final;
  }
  const workspaces: LiveRange[] = [];
  for (const [index, draft] of drafts.entries()) {
    const { workspaceBytes } = draft;
    if (workspaceBytes === 0) continue;
    workspaces.push({ tensor: workspaceOf(draft), bytes: workspaceBytes, firstKernel: index, lastKernel: index });
  }
  const states = [...(program.graph.states?.keys() ?? [])].map((state) => ({
    tensor: state,
    bytes: bytes.get(state) ?? 0,
    firstKernel: 0,
    lastKernel: final,
  }));
  return [...ranges.values(), ...states, ...workspaces].filter((range) => range.bytes > 0);
}

export function workspaceOf({ group }: Draft): string {
  return `${group.host.node.id}:workspace`;
}

/** For each kernel, the run of repeated kernels around it; itself where it runs once. */
function loopEndsOf(drafts: readonly Draft[]): readonly { readonly start: number; readonly end: number }[] {
  const repeated = (index: number) => (drafts[index]?.group.host.node.repetitions ?? 1) > 1;
  const ranges: { start: number; end: number }[] = [];
  for (let start = 0; start < drafts.length;) {
    let end = start;
    while (repeated(start) && repeated(end + 1)) end++;
    for (let index = start; index <= end; index++) ranges.push({ start, end });
    start = end + 1;
  }
  return ranges;
}

/** Live ranges of buffers of which some hold a result that was written over an operand. */
export interface SharedRanges {
  readonly ranges: readonly LiveRange[];
  /** From a result's buffer to the operand's that it is written over. */
  readonly writtenOver: ReadonlyMap<string, string>;
}

/** Results written over an operand that nobody reads later become one range with it; the model's inputs stay as they are. */
export function shareInPlace(
  ranges: readonly LiveRange[],
  drafts: readonly Draft[],
  inputs: ReadonlySet<string>,
): SharedRanges {
  const byBuffer = new Map(ranges.map((range) => [range.tensor, range]));
  const writtenOver = new Map<string, string>();
  for (const [index, draft] of drafts.entries()) {
    const [output] = draft.outputs;
    if (draft.algorithm !== 'elementwise' || draft.outputs.length !== 1 || output === undefined) continue;
    if (draft.group.host.work.operatorClass !== 'elementwise') continue;
    const result = byBuffer.get(output.buffer);
    const operand = draft.inputs
      .filter(({ buffer }) => !inputs.has(buffer))
      .map(({ buffer }) => byBuffer.get(writtenOver.get(buffer) ?? buffer))
      .find((range) => range?.lastKernel === index && range.bytes >= output.bytes);
    if (operand === undefined || result === undefined || operand === result) continue;
    byBuffer.delete(result.tensor);
    byBuffer.set(operand.tensor, { ...operand, lastKernel: result.lastKernel });
    writtenOver.set(result.tensor, operand.tensor);
  }
  return { ranges: [...byBuffer.values()], writtenOver };
}
