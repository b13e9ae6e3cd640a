/** `model-budget optimize <model>...`: what the model would cost after an optimization that nobody has made yet. */
import type { Command } from 'commander';
import { downloadBytesOf, withDownloadBytes, type DownloadBytes } from '../advise/download.ts';
import type { Goal } from '../advise/goal.ts';
import { applied, searched, type Advice } from '../advise/optimize.ts';
import { chooseEdits } from '../advise/selection.ts';
import { trialsWithin } from '../advise/trial.ts';
import { simulateSubject, subjectOf, type Subject } from '../advise/what-if.ts';
import { measuredSide } from '../compare/budget.ts';
import type { Verdict } from '../compare/comparison.ts';
import { assumedTypes, modelEntry, type Config } from '../config.ts';
import { UserError } from '../errors.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';
import { optimizations, parseEdits } from '../optimizations/index.ts';
import { jsonLine } from '../report/json-line.ts';
import { optimizeDocument } from '../report/optimize-document.ts';
import { optimizeText } from '../report/optimize-text.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { verdictsExitCode } from '../review.ts';
import { eachModel, prepareBound } from './each-model.ts';
import { addDimensionOptions, addOutputOptions, addTargetOptions, type CommonOptions } from './options.ts';
import { progressBar } from './progress.ts';
import { loadSettings, type Settings } from './settings.ts';
import { folderSnapshot } from './snapshot.ts';
import { addVerifyOptions, verifierOf, type Verifier, type VerifyFlags } from './verification.ts';

interface OptimizeOptions extends CommonOptions, VerifyFlags {
  readonly search?: boolean;
}

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('optimize')
    .argument('<model...>', 'model files')
    .option('--apply <edits>', "what-ifs, as 'int8' or 'palettize 4 on top:5; prune 0.5 on \"backbone/*\"'")
    .option('--search', 'the smallest edit that meets the budgets of the config')
    .option('--config <file>', 'the config with the budgets; default: .github/model-budget.yml')
    .description('what an optimization would change in size, latency, memory, energy and in the weights themselves')
    .addHelpText('after', `\nEdits:\n${editsHelp()}`);
  addOutputOptions(addDimensionOptions(addTargetOptions(addVerifyOptions(command)))).action(
    async (paths: readonly string[], options: OptimizeOptions) => {
      finish(await optimize(paths, options));
    },
  );
}

function editsHelp(): string {
  const width = Math.max(...optimizations.map(({ usage }) => usage.length));
  const lines = optimizations.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`);
  return [...lines, '', '  … on <glob of layers> | on op:<Type> | on top:<n>    and more edits after a ;'].join('\n');
}

async function optimize(paths: readonly string[], options: OptimizeOptions): Promise<number> {
  if ((options.apply === undefined) === (options.search !== true)) {
    throw new UserError("say what to simulate with --apply '<edits>', or look for it with --search");
  }
  // A mistake in the edits is told before any model is read.
  if (options.apply !== undefined) parseEdits(options.apply);
  const verifier = await verifierOf(options);
  const folder = folderSnapshot('.', () => null);
  try {
    const settings = await loadSettings(options, folder);
    const bar = progressBar(paths.length * settings.targets.length, options.quiet === true);
    const verdicts: Verdict[] = [];
    const code = await eachModel(paths, options, (model, path, sources) =>
      adviceOn({ model, path, sources }, settings, {
        ...{ options, verifier },
        tell: (target, advice) => {
          verdicts.push(...advice.budgets.map(({ verdict }) => verdict));
          bar.show(`${path} ${target}`, true);
        },
      }),
    );
    bar.stop();
    return code === 0 ? verdictsExitCode(verdicts) : code;
  } finally {
    folder.close();
  }
}

interface Asked {
  readonly model: Model;
  readonly path: string;
  readonly sources: ModelSources;
}

interface Asking {
  readonly options: OptimizeOptions;
  readonly verifier: Verifier | undefined;
  readonly tell: (target: string, advice: Advice) => void;
}

async function adviceOn(
  asked: Asked,
  { config, targets }: Settings,
  { options, verifier, tell }: Asking,
): Promise<readonly string[]> {
  const { path, sources } = asked;
  const subject = askedSubject(asked, config);
  const simulated = targets.map((target) => simulateSubject(subject, target));
  const downloadBytes = downloadBytesFor(subject, simulated[0]!, options);
  const simulations =
    downloadBytes === undefined ? simulated : simulated.map((one) => withDownloadBytes(one, downloadBytes.base));
  const verification = await verifier?.({ subject, sources, first: simulations[0]! });
  return targets.map((target, index) => {
    const sides = { subject, base: simulations[index]!, first: simulations[0]! };
    const goal = goalOf(sides.base, path, config, [
      target.id,
      ...(config.targets[index] === undefined ? [] : [config.targets[index].id]),
    ]);
    const question = { ...sides, goal, ...(downloadBytes === undefined ? {} : { downloadBytes }) };
    const advice =
      options.apply === undefined
        ? searched(question, trialsWithin(question.base, 40, 1000))
        : applied(options.apply, question);
    tell(target.id, advice);
    const document = optimizeDocument(advice, path, verification);
    return options.format === 'json' ? jsonLine(document) : optimizeText(document, options.format ?? 'text');
  });
}

/** Undefined: nobody asked, or nobody knows the edits yet. */
function downloadBytesFor(
  subject: Subject,
  first: Simulation,
  { apply, download }: OptimizeOptions,
): DownloadBytes | undefined {
  if (apply === undefined || download !== true) return undefined;
  return downloadBytesOf(subject, chooseEdits(parseEdits(apply), first));
}

function askedSubject({ model, path, sources }: Asked, config: Config): Subject {
  const entry = modelEntry(config, path);
  const bindings = { dims: entry?.dims ?? new Map(), inputs: entry?.inputs ?? new Map() };
  const prepared = prepareBound(model, path, bindings);
  const assumedType = entry?.assumeDtype === undefined ? undefined : assumedTypes[entry.assumeDtype];
  return subjectOf({ prepared, bindings, sources }, { assumedType, rateHertz: entry?.rateHertz });
}

function goalOf(base: Simulation, path: string, config: Config, target: readonly string[]): Goal {
  const name = modelEntry(config, path)?.name;
  const model = { path, ...(name === undefined ? {} : { name }), target, base: measuredSide(base) };
  return { budgets: config.budgets, model };
}
