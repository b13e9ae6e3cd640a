/**
 * The config that binds, and its targets: read at the tip of the base branch, never from the change. Only a config path
 * that is absent from a tree that was read means "no config".
 */
import { LRUCache } from 'lru-cache';
import { extendConfig, isTargetFile, parseConfig, parseConfigFile, type Config, type ConfigFile } from '../config.ts';
import { UserError } from '../errors.ts';
import { targetsOf } from '../files/hardware.ts';
import { parseLfsPointer } from '../files/lfs-pointer.ts';
import { maximumYamlBytes } from '../schedule/located-yaml.ts';
import type { Target } from '../schedule/target.ts';
import { reasonOf, type GitHub } from './client.ts';
import type { Fetching } from './models.ts';
import { commitFiles, type CommitFiles } from './tree.ts';

export interface Settings {
  readonly config: Config;
  /** One for each of the config's targets. */
  readonly targets: readonly Target[];
  /** `owner/repo:path@ref` of the config that it extends. */
  readonly extended: string | null;
}

/** What the one who calls says; the config wins over `targets`, which is meant for repositories without one. */
export interface SettingsInput {
  readonly configPath: string;
  readonly targets: readonly string[];
  readonly comment?: Config['comment']['when'];
  readonly charts?: Config['charts'];
}

/** What may be read of other repositories. */
export interface Trust {
  /** The only config that may be extended; left out: whichever is named. */
  readonly extended: string | null;
}

/**
 * @param trust for a config that is not merged: its author may not read with this token what the base's config does not
 *   name, and the mistakes in a file tell what it says
 * @throws UserError in one line for whatever is wrong with config, `extends` or a target file.
 */
export async function readSettings(
  fetching: Fetching,
  files: CommitFiles,
  input: SettingsInput,
  trust?: Trust,
): Promise<Settings> {
  const { configPath } = input;
  const isThere = (await files.entry(configPath)) !== undefined;
  const { config: written, extended } = isThere
    ? await configIn(fetching, files, { path: configPath, trust })
    : { config: withoutFile(input), extended: null };
  const config = overridden(written, input);
  return {
    config,
    targets: await targetsOf(config.targets, configPath),
    extended,
  };
}

function overridden(written: Config, { comment, charts }: SettingsInput): Config {
  if (comment === undefined && charts === undefined) return written;
  return {
    ...written,
    comment: { ...written.comment, ...(comment === undefined ? {} : { when: comment }) },
    ...(charts === undefined ? {} : { charts }),
  };
}

function withoutFile({ targets }: SettingsInput): Config {
  const foreign = targets.find(isTargetFile);
  if (foreign !== undefined) throw new UserError(`targets: ${foreign} is a file; name target files in the config`);
  const config = parseConfig('version: 1\n', 'no config');
  return targets.length === 0 ? config : { ...config, targets: targets.map((id) => ({ id })) };
}

interface ConfigRequest {
  readonly path: string;
  readonly trust: Trust | undefined;
}

async function configIn(
  fetching: Fetching,
  files: CommitFiles,
  { path, trust }: ConfigRequest,
): Promise<{ readonly config: Config; readonly extended: string | null }> {
  const local = await withTexts(fetching, files, parsed(await textOf(fetching, files, path), path));
  if (local.extends === undefined) return { config: resolved(local, path), extended: null };
  const { repository, path: extendedPath, ref } = local.extends;
  const name = `${repository}:${extendedPath}@${ref}`;
  if (trust !== undefined && trust.extended !== name) {
    throw new UserError('it extends another config than that of the base branch, which is read after the merge only');
  }
  const other = await otherRepository(fetching.github, repository, ref);
  const text = await textOf(fetching, other, extendedPath);
  const extended = await withTexts(fetching, other, parseConfigFile(text, name));
  return { config: extendConfig(local, withoutLines(extended), name), extended: name };
}

/** Jobs of one thread mostly read configs that others have read; a record is never changed. */
const parsedBefore = new LRUCache<string, ConfigFile>({
  maxSize: 4 * 1024 * 1024,
  sizeCalculation: (_, key) => key.length,
});

function parsed(text: string, path: string): ConfigFile {
  const key = `${path}\n${text}`;
  const file = parsedBefore.get(key) ?? parseConfigFile(text, path);
  parsedBefore.set(key, file);
  return file;
}

/** The very same record for the same file, by which what is computed of a config is found again. */
const resolvedBefore = new WeakMap<ConfigFile, Config>();

function resolved(file: ConfigFile, path: string): Config {
  const config = resolvedBefore.get(file) ?? extendConfig(file, {}, path);
  resolvedBefore.set(file, config);
  return config;
}

/** Target files named by a config lie beside it, in the same repository at the same commit. */
async function withTexts(fetching: Fetching, files: CommitFiles, config: ConfigFile): Promise<ConfigFile> {
  if (config.targets?.some(isWithoutText) !== true) return config;
  const targets = await Promise.all(
    config.targets.map(async (target) =>
      isWithoutText(target)
        ? { ...target, text: await textOf(fetching, files, target.id.replace(/^\.\//, '')) }
        : target,
    ),
  );
  return { ...config, targets };
}

function isWithoutText({ id, text }: NonNullable<ConfigFile['targets']>[number]): boolean {
  return isTargetFile(id) && text === undefined;
}

/** Lines of another repository's file say nothing about a file of this one. */
function withoutLines({ budgets, targets, ...others }: ConfigFile): ConfigFile {
  return {
    ...others,
    ...(targets === undefined ? {} : { targets: targets.map(({ line: _line, ...target }) => target) }),
    ...(budgets === undefined ? {} : { budgets: budgets.map(({ line: _line, ...budget }) => budget) }),
  };
}

async function otherRepository(github: GitHub, name: string, ref: string): Promise<CommitFiles> {
  const [owner = '', repo = ''] = name.split('/');
  try {
    const { data } = await github.client.rest.repos.getCommit({ owner, repo, ref, per_page: 1 });
    return commitFiles(github, { owner, repo }, data.sha);
  } catch (error) {
    throw new UserError(`the config extends ${name} at ${ref}, which this token cannot read: ${reasonOf(error)}`);
  }
}

async function textOf({ store, github }: Fetching, files: CommitFiles, path: string): Promise<string> {
  const entry = await files.entry(path);
  if (entry === undefined) throw new UserError(`${path}: no such file in ${files.commit.slice(0, 12)}`);
  if (entry.kind !== 'file')
    throw new UserError(`${path}: is a ${entry.kind}, not a file, in ${files.commit.slice(0, 12)}`);
  if (entry.byteLength > maximumYamlBytes) throw new UserError(`${path}: the file is larger than 256 KiB`);
  const { owner, repo } = files.repository;
  const key = `${owner}/${repo} ${entry.object}`;
  const known = github.texts?.get(key);
  if (known !== undefined) return known;
  const bytes = await store.bytes(entry, files.repository);
  if (parseLfsPointer(bytes) !== undefined) {
    throw new UserError(`${path}: is kept with Git LFS; what sets budgets has to be in the repository itself`);
  }
  const text = bytes.toString('utf8');
  github.texts?.set(key, text);
  return text;
}
