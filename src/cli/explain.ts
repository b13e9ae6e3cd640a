/** `model-budget explain [A [B]]`: why the verdict is what it is, and a layer in full. */
import type { Command } from 'commander';
import { explainDocument } from '../report/explain-document.ts';
import { explainText } from '../report/explain-text.ts';
import { jsonLine } from '../report/json-line.ts';
import { exitCode } from '../review.ts';
import { comparisonOf } from './comparison.ts';
import { addReviewOptions, reviewed } from './review.ts';
import type { CommonOptions } from './options.ts';
import { writeOutput } from './output.ts';

interface ExplainOptions extends CommonOptions {
  readonly layer?: string;
}

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('explain')
    .option('--layer <glob>', 'layers to explain in full, by their names or those of their nodes')
    .description('why the verdict is what it is: each budget and what it comes from');
  addReviewOptions(command).action(async (a: string | undefined, b: string | undefined, options: ExplainOptions) => {
    const { report, unreadable } = await reviewed(comparisonOf(a, b), options);
    const document = explainDocument(report, options.layer);
    const { format = 'text' } = options;
    writeOutput(format === 'json' ? jsonLine(document) : explainText(document, format), options.output);
    finish(unreadable ? 2 : exitCode(report));
  });
}
