/** What the clone itself tells: config, workflows, models and their storage. */
import { defaultConfig, defaultConfigPath, parseConfig, type Config } from '../../config.ts';
import { UserError } from '../../errors.ts';
import { readLocalFile, type ReadOwnFile } from '../../files/hardware.ts';
import { visibleName, visibleSentence } from '../../report/inert.ts';
import { isModelOf } from '../../review/changed-models.ts';
import { modelEntry } from '../../config.ts';
import type { Repository } from '../git.ts';
import { findingsIn } from '../lint.ts';
import { progressBar } from '../progress.ts';
import { textIn } from '../settings.ts';
import { folderSnapshot, type Snapshot } from '../snapshot.ts';
import { modelPaths, surveyModel, workingFiles } from '../survey.ts';
import { finding, quoted, type Finding } from './finding.ts';
import { lfsState, modelFiles, type LfsState, type ModelFiles } from './lfs-findings.ts';
import { modelFindings } from './model-findings.ts';
import { readWorkflow, type Workflow } from './workflow.ts';

export interface LocalOptions {
  /** A config elsewhere; undefined: the repository's own. */
  readonly config: string | undefined;
  readonly quiet: boolean;
}

export interface LocalState {
  /** All but those of workflows, which depend on what GitHub says. */
  readonly findings: readonly Finding[];
  readonly config: Config;
  readonly workflows: readonly Workflow[];
  readonly lfs: LfsState;
}

export async function lookLocally(repository: Repository, options: LocalOptions): Promise<LocalState> {
  const snapshot = folderSnapshot(repository.root, () => repository.lfsStorage);
  try {
    const files = workingFiles(repository);
    const { config, findings } = await configState(snapshot, options.config);
    const { workflows, unreadable } = workflowsIn(snapshot, files);
    const paths = modelPaths(files, isModelOf(config));
    const models = modelState(snapshot, paths, { config, quiet: options.quiet });
    const lfs = lfsState(repository, models.files);
    const all = [...findings, ...unreadable, ...models.findings, ...lfs.findings];
    return { findings: [...all, ...storageSummary(lfs)], config, workflows, lfs };
  } finally {
    snapshot.close();
  }
}

interface ConfigState {
  readonly config: Config;
  readonly findings: readonly Finding[];
}

async function configState(snapshot: Snapshot, given: string | undefined): Promise<ConfigState> {
  const path = given ?? defaultConfigPath;
  if (given === undefined && textIn(snapshot, path) === undefined) {
    const message = `no ${quoted(path)}: changes are reported, and nothing is judged`;
    return { config: defaultConfig, findings: [finding('config', 'warning', message, ['npx model-budget init'])] };
  }
  const read = given === undefined ? readIn(snapshot) : readLocalFile;
  const mistakes = await findingsIn(path, read);
  if (mistakes.length > 0) {
    const findings = mistakes.map(({ path: where, line, message }) =>
      finding('config', 'error', `${quoted(`${where}:${String(line)}`)}: ${visibleSentence(message)}`),
    );
    return { config: defaultConfig, findings };
  }
  const config = parseConfig(read(path), path);
  return { config, findings: [finding('config', 'ok', `${quoted(path)}: no mistakes`), ...extendsFinding(config)] };
}

/** A target file of the repository is named from its top, as `./hardware/board.yml`. */
function readIn(snapshot: Snapshot): ReadOwnFile {
  return (path) => {
    const text = textIn(snapshot, path.replace(/^\.\//, ''));
    if (text === undefined) throw new UserError(`${path}: cannot be read: no such file`);
    return text;
  };
}

function extendsFinding({ extends: source }: Config): readonly Finding[] {
  if (source === undefined) return [];
  const { repository, path, ref } = source;
  const message = `the config extends ${quoted(`${repository}:${path}@${ref}`)}, which is not read here; the token of a review must be able to`;
  return [finding('config-extends', 'unknown', message)];
}

interface Workflows {
  readonly workflows: readonly Workflow[];
  readonly unreadable: readonly Finding[];
}

function workflowsIn(snapshot: Snapshot, files: readonly string[]): Workflows {
  const workflows: Workflow[] = [];
  const unreadable: Finding[] = [];
  for (const path of files.filter((file) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(file))) {
    try {
      const workflow = readWorkflow(textIn(snapshot, path) ?? '', path);
      if (workflow !== undefined) workflows.push(workflow);
    } catch (error) {
      const reason = visibleSentence(error instanceof Error ? error.message : String(error));
      unreadable.push(finding('workflow-unreadable', 'error', `${quoted(path)}: ${reason}`));
    }
  }
  return { workflows, unreadable };
}

interface ModelState {
  readonly files: readonly ModelFiles[];
  readonly findings: readonly Finding[];
}

interface ModelContext {
  readonly config: Config;
  readonly quiet: boolean;
}

/** One model after the other: nothing of a large one stays but its findings. */
function modelState(snapshot: Snapshot, paths: readonly string[], { config, quiet }: ModelContext): ModelState {
  const files: ModelFiles[] = [];
  const findings: Finding[] = [];
  const bar = progressBar(paths.length, quiet);
  try {
    for (const path of paths) {
      bar.show(path, false);
      const { dims, inputs } = modelEntry(config, path) ?? { dims: new Map(), inputs: new Map() };
      const surveyed = surveyModel(snapshot, path, { dims, inputs });
      files.push(modelFiles(surveyed));
      findings.push(...modelFindings(surveyed, config));
      bar.show(path, true);
    }
  } finally {
    bar.stop();
  }
  return { files, findings: findings.length > 0 ? findings : [modelSummary(paths)] };
}

function modelSummary(paths: readonly string[]): Finding {
  const [first] = paths;
  if (first === undefined) return finding('models', 'ok', 'no model in the working tree yet');
  const count = paths.length === 1 ? quoted(visibleName(first, 120)) : `${String(paths.length)} models`;
  return finding('models', 'ok', `${count}: every dimension has a value, every operator is known`);
}

function storageSummary({ findings, isUsed }: LfsState): readonly Finding[] {
  if (!isUsed || findings.length > 0) return [];
  return [finding('lfs', 'ok', 'models in Git LFS are stored there, and their objects are here')];
}
