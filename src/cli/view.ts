/** `model-budget view <model> [other]`: the report page of one model, or of what a change did, on this machine. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { comparisonOf, fileAlone } from './comparison.ts';
import { remark, writeOutput } from './output.ts';
import { reviewedPage } from './page.ts';
import { servePage, type PageServer } from './page-server.ts';
import { addSettingOptions, type ReviewOptions } from './review.ts';

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('view')
    .argument('<model>', 'a file; or what is compared, as in diff: a file, a commit, or A...B')
    .argument('[other]', 'a second file or commit')
    .option('--output <file>', 'write the page there and serve nothing')
    .option('--quiet', 'no progress')
    .description('a model or a change as a page: table, graph, charts and what-ifs');
  addSettingOptions(command).action(async (model: string, other: string | undefined, options: ReviewOptions) => {
    const isAlone = other === undefined && existsSync(model);
    const html = await reviewedPage(isAlone ? fileAlone(model) : comparisonOf(model, other), options);
    if (options.output !== undefined) writeOutput(html, options.output);
    else await serveUntilStopped(await servePage(html));
    finish(0);
  });
}

async function serveUntilStopped({ address, close }: PageServer): Promise<void> {
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });
  writeOutput(address, undefined);
  remark('open it in a browser; Ctrl-C ends it');
  await stopped;
  await close();
}
