/** `model-budget inspect <model>...`: the files' own nodes, shapes, dtypes, MACs and parameters. */
import type { Command } from 'commander';
import { dirname } from 'node:path';
import { inferModel } from '../passes/index.ts';
import { inspectDocument } from '../report/inspect.ts';
import { sourceFinder, type FindSource } from '../report/source-line.ts';
import { inspectText } from '../report/inspect-text.ts';
import { eachModel } from './each-model.ts';
import { filesAround } from './head-files.ts';
import { addDimensionOptions, addOutputOptions, bindingsOf, type CommonOptions } from './options.ts';
import { jsonLine } from '../report/json-line.ts';

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('inspect')
    .argument('<model...>', 'model files')
    .description("the file's own nodes, shapes, dtypes, MACs and parameters");
  addOutputOptions(addDimensionOptions(command)).action(async (paths: readonly string[], options: CommonOptions) => {
    finish(
      await eachModel(paths, options, (model, path) => {
        const document = inspectDocument(inferModel(model, bindingsOf(options)), path, sourcesAround(path));
        return [options.format === 'json' ? jsonLine(document) : inspectText(document, options.format ?? 'text')];
      }),
    );
  });
}

/** In the clone that the model lies in; git is asked where a node has a trace. */
function sourcesAround(path: string): FindSource {
  let find: FindSource | undefined;
  return (frames) => (find ??= sourceFinder(filesAround(dirname(path)) ?? []))(frames);
}
