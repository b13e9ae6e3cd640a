/** `model-budget init`: a config and a workflow that fit the repository. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { defaultConfig, defaultConfigPath } from '../config.ts';
import { allTargets, defaultTargets, loadTargets, readLocalFile } from '../files/hardware.ts';
import { visibleName } from '../report/inert.ts';
import { isModelOf } from '../review/changed-models.ts';
import { branchOfChanges, findRepository, lfsPaths, type Repository } from './git.ts';
import { configText, type Findings } from './init/config-text.ts';
import { measureModel, unmeasuredModel, type MeasuredModel } from './init/measured.ts';
import { writeNewFile } from './init/new-file.ts';
import { workflowText } from './init/workflow-text.ts';
import { remark, writeOutput } from './output.ts';
import { progressBar } from './progress.ts';
import { folderSnapshot } from './snapshot.ts';
import { isClosedFormat, modelPaths, workingFiles } from './survey.ts';

interface InitOptions {
  readonly forks?: boolean;
  readonly force?: boolean;
  readonly print?: boolean;
  readonly quiet?: boolean;
}

export const workflowPath = '.github/workflows/model-budget.yml';

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('init')
    .option('--forks', 'a workflow for pull requests from forks too (pull_request_target)')
    .option('--force', 'replace files that are there')
    .option('--print', 'print the files and write nothing')
    .option('--quiet', 'no progress and no remarks')
    .description(`write ${defaultConfigPath} and ${workflowPath} for the models of this repository`)
    .addHelpText('after', '\nExit code: 0 the files are there · 2 one of another content was there and was left')
    .action(async (options: InitOptions) => {
      const repository = findRepository('.', 'run it inside one');
      const findings = await lookAround(repository, options.quiet === true);
      const files = [
        { path: defaultConfigPath, text: configText(findings) },
        {
          path: workflowPath,
          text: workflowText({ forks: options.forks === true, defaultBranch: branchOfChanges(repository) }),
        },
      ];
      if (options.print === true) {
        writeOutput(files.map(({ path, text }) => `# ${path}\n${text}`).join('\n'), undefined);
        finish(0);
        return;
      }
      finish(writeFiles(repository, files, options));
      if (options.quiet !== true) for (const line of advice(repository, findings)) remark(line);
    });
}

/** More would take minutes; the config fits them all the same. */
const mostMeasured = 40;

/** Targets of other kinds than the defaults, to show what there is. */
const exampleTargets = 5;

async function lookAround(repository: Repository, quiet: boolean): Promise<Findings> {
  const files = workingFiles(repository);
  const paths = modelPaths(files, isModelOf(defaultConfig));
  const loaded = await loadTargets(defaultTargets, readLocalFile);
  const targets = loaded.map((target, index) => ({ id: defaultTargets[index] ?? target.id, target }));
  const snapshot = folderSnapshot(repository.root, () => repository.lfsStorage);
  const bar = progressBar(Math.min(paths.length, mostMeasured), quiet);
  try {
    const models = paths.slice(0, mostMeasured).map((path): MeasuredModel => {
      bar.show(path, false);
      const model = measureModel(snapshot, path, targets);
      bar.show(path, true);
      return model;
    });
    const unmeasured = paths
      .slice(mostMeasured)
      .map((path) => unmeasuredModel(path, statSync(join(repository.root, path)).size));
    return {
      models: [...models, ...unmeasured],
      closed: files.filter(isClosedFormat),
      targets: [...defaultTargets],
      otherTargets: await someTargets(),
    };
  } finally {
    bar.stop();
    snapshot.close();
  }
}

/** One of each maker, to show what an entry looks like. */
async function someTargets(): Promise<readonly string[]> {
  const ids = (await allTargets()).map(({ hardware }) => hardware).filter((id) => !defaultTargets.includes(id));
  const makers = new Map(ids.toReversed().map((id) => [id.split('-', 1)[0], id]));
  return [...makers.values()].sort().slice(0, exampleTargets);
}

interface NewFile {
  readonly path: string;
  readonly text: string;
}

function writeFiles(repository: Repository, files: readonly NewFile[], { force = false, quiet }: InitOptions): 0 | 2 {
  let exitCode: 0 | 2 = 0;
  for (const { path, text } of files) {
    const outcome = writeNewFile(join(repository.root, path), text, force);
    if (outcome === 'left') {
      exitCode = 2;
      remark(`${path} is there already and was left as it is: --force replaces it, --print shows what it would be`);
    } else if (quiet !== true) remark(outcome === 'written' ? `wrote ${path}` : `${path} is already as it should be`);
  }
  return exitCode;
}

/** What the files cannot do by themselves. */
function advice(repository: Repository, { models }: Findings): readonly string[] {
  const open = models.filter(({ unbound }) => unbound.length > 0).map(({ path }) => visibleName(path, 80));
  const [pointer] = models.filter(({ isPointer }) => isPointer);
  const stored = lfsPaths(
    repository,
    models.map(({ path }) => path),
  ).size;
  return [
    ...(models.length === 0 ? ['no model was found; the config applies to those that come'] : []),
    ...(open.length === 0
      ? []
      : [`dimensions without a value in ${open.slice(0, 3).join(', ')}: see the comments in ${defaultConfigPath}`]),
    ...(stored === 0
      ? []
      : [
          `${stored} of ${models.length} models are in Git LFS: sizes are judged without moving a byte, figures need the objects; \`model-budget doctor\` asks whether they can be had`,
        ]),
    ...(pointer === undefined
      ? []
      : [
          `${visibleName(pointer.path, 80)} was not fetched: \`git lfs pull\`, then \`model-budget init --force\` for its figures`,
        ]),
    'next: commit both files, and require the check `model-budget` in the rules of the default branch; `model-budget doctor` tells what is missing',
  ];
}
