/** `model-budget targets [id]`: the targets, their status, their error table and the sources of their numbers. */
import type { Command } from 'commander';
import { targetDocument, targetListText, targetText } from '../report/targets.ts';
import { allTargets, loadTargets, readLocalFile } from '../files/hardware.ts';
import { addOutputOptions, type CommonOptions } from './options.ts';
import { writeOutput } from './output.ts';
import { jsonLine } from '../report/json-line.ts';

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('targets')
    .argument('[id]', 'one target: id or path of a target file')
    .description('the targets, their status, error tables and the sources of their numbers');
  addOutputOptions(command, ['text', 'json']).action(async (id: string | undefined, options: CommonOptions) => {
    const targets = await (id === undefined ? allTargets() : loadTargets([id], readLocalFile));
    if (options.format === 'json')
      writeOutput(targets.map((target) => jsonLine(targetDocument(target))).join('\n'), options.output);
    else writeOutput(id === undefined ? targetListText(targets) : targets.map(targetText).join('\n'), options.output);
    finish(0);
  });
}
