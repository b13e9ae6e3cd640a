/** From what the files say to the config that counts: extended keys, local keys, flags, defaults. */
import type { Bindings } from '../passes/prepared.ts';
import { pathGlob } from '../glob.ts';
import { defaultConfig, type AssumedDtype, type Config, type ConfigFile, type ModelEntry } from './record.ts';

/**
 * The extended file's keys come first, local ones win (in `comment`, `commands` and `waivers` key by key), budgets add
 * up. With `extended` given, the result extends nothing any more.
 */
export function resolveConfig(local: ConfigFile, extended?: ConfigFile): Config {
  const { comment, commands, waivers } = defaultConfig;
  const pending = extended === undefined ? local.extends : undefined;
  return {
    models: local.models ?? extended?.models ?? defaultConfig.models,
    targets: local.targets ?? extended?.targets ?? defaultConfig.targets,
    budgets: [...(extended?.budgets ?? []), ...(local.budgets ?? [])],
    unmeasured: local.unmeasured ?? extended?.unmeasured ?? defaultConfig.unmeasured,
    comment: { ...comment, ...extended?.comment, ...local.comment },
    charts: local.charts ?? extended?.charts ?? defaultConfig.charts,
    commands: { ...commands, ...extended?.commands, ...local.commands },
    waivers: { ...waivers, ...extended?.waivers, ...local.waivers },
    ...(pending === undefined ? {} : { extends: pending }),
  };
}

/** What flags of the command line say; they win over the file. */
export interface Overrides extends Partial<Bindings> {
  readonly targets?: readonly string[];
  readonly assumeDtype?: AssumedDtype;
}

export function overrideConfig(config: Config, { targets, dims, inputs, assumeDtype }: Overrides): Config {
  const change = (entry: ModelEntry): ModelEntry => ({
    ...entry,
    dims: new Map([...entry.dims, ...(dims ?? [])]),
    inputs: new Map([...entry.inputs, ...(inputs ?? [])]),
    ...(assumeDtype === undefined ? {} : { assumeDtype }),
  });
  const touched = (dims?.size ?? 0) + (inputs?.size ?? 0) > 0 || assumeDtype !== undefined;
  const entries = config.models.length > 0 ? config.models : [entryForAll];
  return {
    ...config,
    models: touched ? entries.map(change) : config.models,
    targets: targets === undefined ? config.targets : targets.map((id) => ({ id })),
  };
}

const entryForAll: ModelEntry = { path: '**', ignore: [], dims: new Map(), inputs: new Map() };

/** The last entry that fits the path. Undefined: the config leaves this file out. */
export function modelEntry(config: Config, path: string): ModelEntry | undefined {
  if (config.models.length === 0) return entryForAll;
  return config.models.findLast(
    (entry) => pathGlob(entry.path)(path) && !entry.ignore.some((ignored) => pathGlob(ignored)(path)),
  );
}
