/** Runs the given model and the one with the edited weights, and says how far their outputs are apart. */
import { isFloat } from '../ir/data-type.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { EditedModel } from '../optimizations/apply.ts';
import type { Edit } from '../optimizations/index.ts';
import { patchedFiles, type PatchedFiles } from '../optimizations/weights/patched-files.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import { givenInputs } from './given-inputs.ts';
import { modelInputs, randomInputs, type InputTensor, type ModelInput } from './model-inputs.ts';
import { NotRun, type LoadedRuntime, type Session } from './onnxruntime.ts';
import { addRun, noSums, outputError, type OutputSums } from './output-error.ts';
import type { NotVerified, OutputError, Verification, Verified } from './verification.ts';
import { temporaryFolder, writeModel } from './written-model.ts';

export interface Verifying {
  readonly prepared: PreparedModel;
  readonly sources: ModelSources;
  readonly edits: readonly Edit[];
  readonly edited: EditedModel;
}

export interface VerifyOptions {
  readonly runtime: LoadedRuntime;
  /** A folder; absent: random ones. */
  readonly inputs?: string;
  /** Of random inputs. */
  readonly runs: number;
}

const seed = 0;

/** Throws `UserError` where given inputs do not fit the model. */
export async function verify(verifying: Verifying, options: VerifyOptions): Promise<Verification> {
  const reason = whyNot(verifying);
  if (reason !== undefined) return { reason };
  const { prepared, sources, edited } = verifying;
  const patched = patchedFiles(sources, edited.weights, edited.prepared.graph);
  if (patched.written === 0) {
    return { reason: patched.left[0]?.reason ?? 'the edits change no weights' };
  }
  const folder = temporaryFolder();
  try {
    const original = writeModel(folder.path('original'), prepared.model, sources);
    const changed = writeModel(folder.path('edited'), prepared.model, patched.sources);
    return await compareModels(verifying, { ...options, patched, paths: [original, changed] });
  } finally {
    folder.remove();
  }
}

function whyNot({ prepared: { model }, edits }: Verifying): string | undefined {
  if (model.format !== 'onnx') return 'ONNX Runtime runs ONNX models only';
  const other = edits.find(({ besides }) => besides === 'computation');
  if (other !== undefined) return `\`${other.phrase.name}\` changes what is computed, not only the weights`;
  return model.files.some(({ available }) => !available) ? 'the weights are not available' : undefined;
}

interface Comparing extends VerifyOptions {
  readonly patched: PatchedFiles;
  /** The original's, the edited model's. */
  readonly paths: readonly [string, string];
}

async function compareModels(verifying: Verifying, comparing: Comparing): Promise<Verification> {
  const { runtime, paths } = comparing;
  const sessions: Session[] = [];
  try {
    for (const path of paths) sessions.push(await runtime.open(path));
    const [original, edited] = sessions as [Session, Session];
    const inputs = modelInputs(original.inputNames, verifying.prepared.graph);
    if ('reason' in inputs) return inputs;
    const runs = runsOf(inputs, comparing);
    if ('reason' in runs) return runs;
    const outputs = await compareRuns(original, edited, runs);
    return verified(verifying, comparing, { inputs, runs: runs.length, outputs });
  } catch (error) {
    if (error instanceof NotRun) return { reason: error.message };
    throw error;
  } finally {
    for (const session of sessions) await session.close();
  }
}

type Runs = readonly (readonly InputTensor[])[];

function runsOf(inputs: readonly ModelInput[], { inputs: folder, runs }: VerifyOptions): Runs | NotVerified {
  return folder === undefined ? randomInputs(inputs, runs, seed) : givenInputs(folder, inputs);
}

async function compareRuns(original: Session, edited: Session, runs: Runs): Promise<readonly OutputError[]> {
  const sums = new Map<string, OutputSums>();
  for (const inputs of runs) {
    const [before, after] = [await original.run(inputs), await edited.run(inputs)];
    for (const [name, elements] of before) {
      sums.set(name, addRun(sums.get(name) ?? noSums, elements, after.get(name)));
    }
  }
  return [...sums].map(([name, all]) => outputError(name, all));
}

interface Compared {
  readonly inputs: readonly ModelInput[];
  readonly runs: number;
  readonly outputs: readonly OutputError[];
}

function verified({ edits }: Verifying, comparing: Comparing, { inputs, runs, outputs }: Compared): Verified {
  const { runtime, patched, inputs: folder } = comparing;
  const integers = folder === undefined ? inputs.filter(({ dtype }) => !isFloat(dtype)) : [];
  return {
    runtime: runtime.version,
    runs,
    inputs: folder ?? `random (seed ${seed})`,
    activations: edits.some(({ besides }) => besides === 'activations') ? 'not quantized' : 'as in the model',
    integerInputs: integers.map(({ name, largest }) => ({ name, largest })),
    weights: patched.written,
    left: patched.left,
    outputs,
  };
}
