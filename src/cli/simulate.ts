/** `model-budget simulate <model>...`: per-layer latency, energy, power, memory, and what bounds each layer. */
import type { Command } from 'commander';
import { compressedModelBytes } from '../formats/compressed-size.ts';
import { compile } from '../schedule/compile.ts';
import { simulate } from '../simulate/simulate.ts';
import { simulationDocument } from '../report/simulation-document.ts';
import { simulationText } from '../report/simulation-text.ts';
import { eachModel, prepareBound } from './each-model.ts';
import { defaultTargets, loadTargets, readLocalFile } from '../files/hardware.ts';
import {
  addDimensionOptions,
  addOutputOptions,
  addTargetOptions,
  bindingsOf,
  compileOptionsOf,
  type CommonOptions,
} from './options.ts';
import { jsonLine } from '../report/json-line.ts';

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('simulate')
    .argument('<model...>', 'model files')
    .description('per-layer latency, energy, power and memory on each target, and what bounds each layer');
  addOutputOptions(addDimensionOptions(addTargetOptions(command))).action(
    async (paths: readonly string[], options: CommonOptions) => {
      const targets = await loadTargets(options.target ?? defaultTargets, readLocalFile);
      finish(
        await eachModel(paths, options, (model, path, sources) => {
          const prepared = prepareBound(model, path, bindingsOf(options));
          const compressed = options.download === true ? compressedModelBytes(model, sources) : null;
          return targets.map((target) => {
            const schedule = compile(prepared, target, { ...compileOptionsOf(options), sources });
            const sized = { ...schedule, sizes: { ...schedule.sizes, downloadBytes: compressed } };
            const document = simulationDocument(simulate(sized), path);
            return options.format === 'json' ? jsonLine(document) : simulationText(document, options.format ?? 'text');
          });
        }),
      );
    },
  );
}
