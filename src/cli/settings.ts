/** The config that a review runs under, and its targets: read from the base's side, never from the head's. */
import {
  defaultConfigPath,
  isTargetFile,
  overrideConfig,
  parseConfig,
  type AssumedDtype,
  type Config,
} from '../config.ts';
import { UserError } from '../errors.ts';
import type { Target } from '../schedule/target.ts';
import { atLine, readLocalFile, targetsOf } from '../files/hardware.ts';
import type { CommonOptions } from './options.ts';
import { isPointer, type Snapshot } from './snapshot.ts';

export interface Settings {
  readonly config: Config;
  /** One for each of the config's targets. */
  readonly targets: readonly Target[];
}

/** `from`: where the repository's own files are read when no flag names a config. */
export async function loadSettings(options: CommonOptions, from: Snapshot): Promise<Settings> {
  const written = configFrom(options.config, from);
  if (written.extends !== undefined) {
    const { repository, path } = written.extends;
    throw new UserError(
      `the config extends ${repository}:${path}, which the command line does not fetch; give the resolved config of a report with --config`,
    );
  }
  const config = withTargetTexts(overrideConfig(written, overridesOf(options)), options, from);
  return { config, targets: await targetsOf(config.targets, options.config ?? defaultConfigPath) };
}

function configFrom(path: string | undefined, from: Snapshot): Config {
  if (path !== undefined) return parseConfig(readLocalFile(path), path);
  const text = textIn(from, defaultConfigPath);
  return parseConfig(text ?? 'version: 1\n', defaultConfigPath);
}

function overridesOf({ target, dim, input, assumeDtype }: CommonOptions): Parameters<typeof overrideConfig>[1] {
  return {
    ...(target === undefined ? {} : { targets: target }),
    ...(dim === undefined ? {} : { dims: dim }),
    ...(input === undefined ? {} : { inputs: input }),
    ...(assumeDtype === undefined ? {} : { assumeDtype: assumeDtype as AssumedDtype }),
  };
}

/** Target files named by a flag or a local config are local; those of the repository's config are the base's. */
function withTargetTexts(config: Config, options: CommonOptions, from: Snapshot): Config {
  const local = options.target !== undefined || options.config !== undefined;
  const targets = config.targets.map((reference) => {
    if (!isTargetFile(reference.id) || reference.text !== undefined) return reference;
    try {
      const text = local ? readLocalFile(reference.id) : textIn(from, reference.id.replace(/^\.\//, ''));
      if (text === undefined) throw new UserError(`${reference.id}: this target file is not there`);
      return { ...reference, text };
    } catch (error) {
      throw atLine(error, reference, options.config ?? defaultConfigPath);
    }
  });
  return { ...config, targets };
}

/** A text of the repository; undefined where there is none. */
export function textIn(from: Snapshot, path: string): string | undefined {
  const found = from.open(path);
  if (found === undefined) return undefined;
  if (isPointer(found))
    throw new UserError(`${path}: a Git LFS pointer whose object is not here; run \`git lfs pull\``);
  return new TextDecoder('utf-8', { fatal: false }).decode(found.read(0, found.byteLength));
}
