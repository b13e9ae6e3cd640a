/** The changed models and the targets that an answer is about. */
import { isTargetFile, modelEntry, type Config } from '../../config.ts';
import { UserError } from '../../errors.ts';
import { targetsOf } from '../../files/hardware.ts';
import { pathGlob } from '../../glob.ts';
import { didYouMean } from '../../near-miss.ts';
import type { AskedTarget } from '../../review/question.ts';
import type { Settings } from '../settings.ts';
import type { Scope } from './arguments.ts';

interface NamedModel {
  readonly path: string;
  readonly previousPath?: string;
}

/** Whether a model is asked about: by its path, the one before, or its name in the config. */
export function modelFilter({ model }: Scope, config: Config): (one: NamedModel) => boolean {
  if (model === undefined) return () => true;
  const matches = pathGlob(model);
  return ({ path, previousPath }) =>
    [path, previousPath, modelEntry(config, path)?.name].some((name) => name !== undefined && matches(name));
}

/** Those of the config, or the one that is asked for: of the config or any that ships. @throws UserError */
export async function targetsIn({ target }: Scope, { config, targets }: Settings): Promise<readonly AskedTarget[]> {
  const known = knownTargets({ config, targets });
  if (target === undefined) return known;
  const found = known.find(({ ids }) => ids.includes(target));
  if (found !== undefined) return [found];
  if (isTargetFile(target)) {
    const files = config.targets.map(({ id }) => id).filter(isTargetFile);
    throw new UserError(
      `the config of the base branch has no target file \`${target}\`${didYouMean(target, files)}: only its files are read`,
    );
  }
  const [shipped] = await targetsOf([{ id: target }], 'the command');
  return [{ target: shipped!, ids: [shipped!.id, target] }];
}

export function knownTargets({ config, targets }: Pick<Settings, 'config' | 'targets'>): readonly AskedTarget[] {
  return targets.map((target, index) => ({
    target,
    ids: [target.id, ...(config.targets[index] === undefined ? [] : [config.targets[index].id])],
  }));
}
