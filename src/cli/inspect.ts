/** `model-budget inspect <model>...`: the files' own nodes, shapes, dtypes, MACs and parameters. */
import type { Command } from 'commander';
import { inferModel } from '../passes/index.ts';
import { inspectDocument } from '../report/inspect.ts';
import { inspectText } from '../report/inspect-text.ts';
import { eachModel } from './each-model.ts';
import { addDimensionOptions, addOutputOptions, bindingsOf, type CommonOptions } from './options.ts';
import { jsonLine } from '../report/json-line.ts';

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('inspect')
    .argument('<model...>', 'model files')
    .description("the file's own nodes, shapes, dtypes, MACs and parameters");
  addOutputOptions(addDimensionOptions(command)).action((paths: readonly string[], options: CommonOptions) => {
    finish(
      eachModel(paths, options, (model, path) => {
        const document = inspectDocument(inferModel(model, bindingsOf(options)), path);
        return [options.format === 'json' ? jsonLine(document) : inspectText(document, options.format ?? 'text')];
      }),
    );
  });
}
