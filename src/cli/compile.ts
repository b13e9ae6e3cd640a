/** `model-budget compile <model>...`: fused kernels, units, tiles, memory addresses and transfers. */
import type { Command } from 'commander';
import { compile } from '../schedule/compile.ts';
import { scheduleDocument } from '../schedule/document.ts';
import { printSchedule } from '../schedule/print.ts';
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
    .command('compile')
    .argument('<model...>', 'model files')
    .description('the schedule on each target: fused kernels, unit, tiles, memory addresses, transfers');
  addOutputOptions(addDimensionOptions(addTargetOptions(command)), ['text', 'json']).action(
    async (paths: readonly string[], options: CommonOptions) => {
      const targets = await loadTargets(options.target ?? defaultTargets, readLocalFile);
      finish(
        await eachModel(paths, options, (model, path, sources) => {
          const prepared = prepareBound(model, path, bindingsOf(options));
          return targets.map((target) => {
            const schedule = compile(prepared, target, { ...compileOptionsOf(options), sources });
            return options.format === 'json' ? jsonLine(scheduleDocument(schedule, path)) : printSchedule(schedule);
          });
        }),
      );
    },
  );
}
