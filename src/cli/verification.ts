/** `--verify`: the edited weights in the model's own floats, run in ONNX Runtime beside the model as it is. */
import { InvalidArgumentError, type Command } from 'commander';
import { chooseEdits } from '../advise/selection.ts';
import type { Subject } from '../advise/what-if.ts';
import { UserError } from '../errors.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { Verification } from '../measure/verification.ts';
import { applyEdits } from '../optimizations/apply.ts';
import { parseEdits } from '../optimizations/index.ts';
import type { Simulation } from '../simulate/simulation.ts';

export interface VerifyFlags {
  readonly apply?: string;
  readonly verify?: boolean;
  readonly verifyInputs?: string;
  readonly verifyRuns?: number;
}

const defaultRuns = 4;

export function addVerifyOptions(command: Command): Command {
  return command
    .option('--verify', 'run the model with the edited weights in ONNX Runtime: the SQNR of its outputs')
    .option('--verify-inputs <folder>', 'with <input>.npy files, or folders of them: a run each; default: random')
    .option('--verify-runs <n>', `runs on random inputs; default: ${defaultRuns}`, runCount);
}

function runCount(text: string): number {
  const runs = Number(text);
  if (!Number.isSafeInteger(runs) || runs < 1 || runs > 1000) throw new InvalidArgumentError('from 1 to 1000.');
  return runs;
}

/** What is verified: the model on the first target, which decides what `top:n` means. */
export interface VerifiedSubject {
  readonly subject: Subject;
  readonly sources: ModelSources;
  readonly first: Simulation;
}

export type Verifier = (subject: VerifiedSubject) => Promise<Verification>;

/** Undefined: nobody asked. Throws `UserError` where the flags do not go together or the runtime is not installed. */
export async function verifierOf(flags: VerifyFlags): Promise<Verifier | undefined> {
  const { apply, verify: asked, verifyInputs, verifyRuns } = flags;
  if (asked !== true) {
    if (verifyInputs === undefined && verifyRuns === undefined) return undefined;
    throw new UserError('--verify-inputs and --verify-runs go with --verify');
  }
  if (apply === undefined) throw new UserError('--verify goes with --apply: run it on what the search found');
  const [{ loadRuntime }, { verify }] = await Promise.all([
    import('../measure/onnxruntime.ts'),
    import('../measure/verify.ts'),
  ]);
  const options = {
    ...{ runtime: loadRuntime(), runs: verifyRuns ?? defaultRuns },
    ...(verifyInputs === undefined ? {} : { inputs: verifyInputs }),
  };
  return ({ subject: { prepared, bindings }, sources, first }) => {
    const edits = parseEdits(apply);
    // Not as a target assumes the model to be: what the file holds is run.
    const edited = applyEdits(prepared, chooseEdits(edits, first), { bindings });
    return verify({ prepared, sources, edits, edited }, options);
  };
}
