/** The repository's config file: read, merged with what it extends, checked, printed back. Fetching is the caller's. */
import { UserError } from './errors.ts';
import { readConfigFile, type Mistake } from './config/file.ts';
import { defaultConfig, type Config, type ConfigFile } from './config/record.ts';
import { resolveConfig } from './config/resolve.ts';
import { didYouMean } from './near-miss.ts';

export { printConfig } from './config/print.ts';
export { modelEntry, overrideConfig } from './config/resolve.ts';
export { assumedTypes, defaultConfig, defaultConfigPath } from './config/record.ts';
export type { AssumedDtype, Config, ConfigFile, ModelEntry } from './config/record.ts';
export type { Mistake } from './config/file.ts';

/**
 * The file's own keys.
 * @throws UserError `path:line: …` for the first mistake.
 */
export function parseConfigFile(text: string, path: string): ConfigFile {
  const { file, mistakes } = readConfigFile(text, path);
  const [first] = mistakes;
  if (first !== undefined) throw new UserError(`${path}:${first.line}: ${first.message}`);
  return file;
}

/**
 * The config with its defaults; what it extends is named in `extends` and merged by `resolveConfig`.
 * @throws UserError `path:line: …` for the first mistake.
 */
export function parseConfig(text: string, path: string): Config {
  return resolveConfig(parseConfigFile(text, path));
}

/**
 * A config together with the one it extends.
 * @throws UserError when the extended one extends a third.
 */
export function extendConfig(local: ConfigFile, extended: ConfigFile, extendedPath: string): Config {
  if (extended.extends !== undefined) {
    throw new UserError(`${extendedPath}: an extended config must not extend another one`);
  }
  return resolveConfig(local, extended);
}

/**
 * All that is wrong with a config, in the order of the file.
 * @param targetIds what the program knows; a target's version and variant are not looked at
 * @throws UserError `path:line: …` for what is not YAML.
 */
export function lintConfig(text: string, path: string, targetIds: readonly string[]): readonly Mistake[] {
  const { file, mistakes } = readConfigFile(text, path);
  return [...mistakes, ...unknownTargets(file, targetIds), ...strayBudgets(file)].sort((a, b) => a.line - b.line);
}

function unknownTargets({ targets = [] }: ConfigFile, known: readonly string[]): readonly Mistake[] {
  return targets
    .filter(({ id }) => !isTargetFile(id) && !known.includes(hardwareOf(id)))
    .map(({ id, line = 1 }) => ({ line, message: `unknown target "${id}"${didYouMean(hardwareOf(id), known)}` }));
}

/** Budgets for targets that the config does not list never apply. */
function strayBudgets({ targets = defaultConfig.targets, budgets = [] }: ConfigFile): readonly Mistake[] {
  const ids = targets.map(({ id }) => id);
  // The id of a target file stands inside of it.
  if (ids.some(isTargetFile)) return [];
  return budgets.flatMap(({ target, line = 1 }) => {
    if (target === undefined || ids.includes(target)) return [];
    return [{ line, message: `a budget for "${target}", which is not in "targets"${didYouMean(target, ids)}` }];
  });
}

/** A path to a file of the repository, not an id. */
export function isTargetFile(id: string): boolean {
  return /\.ya?ml$/.test(id);
}

/** What stands before version and variant. */
function hardwareOf(id: string): string {
  return id.split(/[@:]/, 1)[0] ?? '';
}
