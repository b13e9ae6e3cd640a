/** Reads a config file: YAML, its keys and words, then the quantities. Every mistake has its line. */
import type { z } from 'zod';
import { budgetRows } from '../compare/budget.ts';
import type { Budget } from '../compare/comparison.ts';
import { layerGlob, pathGlob } from '../glob.ts';
import { UserError } from '../errors.ts';
import { isEntries, lineOf, readYaml, type Located } from '../schedule/located-yaml.ts';
import { checkShape, type Mistake } from '../schedule/shape.ts';
import { parseQuantity } from '../units.ts';
import type { ConfigFile, ModelEntry, TargetReference } from './record.ts';
import {
  budgetSchema,
  configSchema,
  modelSchema,
  type WrittenBudget,
  type WrittenConfig,
  type WrittenModel,
} from './schema.ts';
import { parseDays, parseExtends, parseIncrease, parseInputShape, parseRate } from './values.ts';

export type { Mistake } from '../schedule/shape.ts';

export interface ReadConfig {
  /** Without what the mistakes are about. */
  readonly file: ConfigFile;
  /** In the order of the file. */
  readonly mistakes: readonly Mistake[];
}

/** An empty file is a config that sets nothing. @throws UserError `path:line: …` for what is not YAML. */
export function readConfigFile(text: string, path: string): ReadConfig {
  const located = readYaml(text, path);
  if (located.content === null) return { file: {}, mistakes: [] };
  const checked = checkShape(configSchema, located);
  if ('mistakes' in checked) {
    return { file: {}, mistakes: inOrder([...checked.mistakes, ...mistakesInSoundEntries(located)]) };
  }
  const mistakes: Mistake[] = [];
  const file = convert(checked.data, noting(mistakes, located));
  const budgets = file.budgets?.map((budget, index) => ({ ...budget, line: lineOf(located, ['budgets', index]) }));
  const targets = file.targets?.map((target, index) => ({ ...target, line: lineOf(located, ['targets', index]) }));
  return { file: { ...file, ...present({ budgets, targets }) }, mistakes: inOrder(mistakes) };
}

function inOrder(mistakes: readonly Mistake[]): readonly Mistake[] {
  return mistakes.toSorted((a, b) => a.line - b.line);
}

/** A mistyped key in one entry must not hide a wrong quantity in the next. */
function mistakesInSoundEntries(located: Located): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const attempt = noting(mistakes, located);
  const each = <Schema extends z.ZodType>(
    key: string,
    schema: Schema,
    convertEntry: (entry: z.output<Schema>, place: Place, attempt: Attempt) => unknown,
  ): void => {
    const entries = isEntries(located.content) ? located.content.get(key)?.content : undefined;
    if (!(entries instanceof Array)) return;
    entries.forEach((entry: Located, index) => {
      const checked = checkShape(schema, entry);
      if ('data' in checked) convertEntry(checked.data, [key, index], attempt);
    });
  };
  each('models', modelSchema, convertModel);
  each('budgets', budgetSchema, convertBudget);
  return mistakes;
}

function noting(mistakes: Mistake[], located: Located): Attempt {
  return (place, read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      mistakes.push({ line: lineOf(located, place), message: `${place.join('.')}: ${error.message}` });
      return undefined;
    }
  };
}

type Place = readonly (string | number)[];

/** Reads one value; undefined after a mistake, which is noted with its place. */
type Attempt = <Value>(place: Place, read: () => Value) => Value | undefined;

function convert(written: WrittenConfig, attempt: Attempt): ConfigFile {
  const { models, targets, budgets, waivers, extends: source } = written;
  const { unmeasured, comment, charts, commands } = written;
  return {
    ...present({
      unmeasured,
      comment,
      charts,
      commands,
      models: models?.map((model, index) => convertModel(model, ['models', index], attempt)),
      targets: targets === undefined ? undefined : convertTargets(targets, attempt),
      budgets: budgets?.map((budget, index) => convertBudget(budget, ['budgets', index], attempt)),
      waivers: waivers && present({ who: waivers.who, expiresDays: readDays(waivers.expires, attempt) }),
      extends: source === undefined ? undefined : attempt(['extends'], () => parseExtends(source)),
    }),
  };
}

/** The entries that are there: what is not set must not hide a default. */
function present<Entries extends object>(
  entries: Entries,
): { [Key in keyof Entries]?: Exclude<Entries[Key], undefined> } {
  const kept = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof Entries]?: Exclude<Entries[Key], undefined> };
}

function convertTargets(written: WrittenTargets, attempt: Attempt): readonly TargetReference[] {
  const targets = written.map(targetReference);
  targets.forEach(({ id }, index) => {
    const first = targets.findIndex((other) => other.id === id);
    if (first < index) attempt(['targets', index], () => refuse(`"${id}" is given twice`));
  });
  return targets;
}

type WrittenTargets = NonNullable<WrittenConfig['targets']>;

function targetReference(target: string | { readonly file: string; readonly text: string }): TargetReference {
  return typeof target === 'string' ? { id: target } : { id: target.file, text: target.text };
}

function convertModel(written: WrittenModel, place: Place, attempt: Attempt): ModelEntry {
  const { path, name, ignore = [], dims = {}, inputs = {}, rate, assumeDtype } = written;
  for (const glob of [path, ...ignore]) attempt(place, () => pathGlob(glob));
  const shapes = Object.entries(inputs).flatMap(([input, shape]) => {
    const parsed = attempt([...place, 'inputs', input], () => parseInputShape(String(shape)));
    return parsed === undefined ? [] : [[input, parsed] as const];
  });
  const rateHertz = rate === undefined ? undefined : attempt([...place, 'rate'], () => parseRate(String(rate)));
  return {
    path,
    ignore,
    dims: new Map(Object.entries(dims)),
    inputs: new Map(shapes),
    ...present({ name, rateHertz, assumeDtype }),
  };
}

function convertBudget(written: WrittenBudget, place: Place, attempt: Attempt): Budget {
  const { metric, target, model, layer, level = 'error', onBand = 'warn', reason } = written;
  const { quantity } = budgetRows[metric];
  if (written.max === undefined && written.maxIncrease === undefined) {
    attempt(place, () => refuse('a budget needs "max" or "maxIncrease"'));
  }
  if (layer !== undefined && budgetRows[metric].ofLayers === undefined) {
    attempt([...place, 'layer'], () => refuse(`"${metric}" is known of the whole model only`));
  }
  if (model !== undefined) attempt([...place, 'model'], () => pathGlob(model));
  if (layer !== undefined) attempt([...place, 'layer'], () => layerGlob(layer));
  const { max, maxIncrease } = written;
  return {
    metric,
    level,
    onBand,
    ...present({
      target,
      model,
      layer,
      reason,
      max: max === undefined ? undefined : attempt([...place, 'max'], () => parseQuantity(String(max), quantity)),
      maxIncrease:
        maxIncrease === undefined
          ? undefined
          : attempt([...place, 'maxIncrease'], () => parseIncrease(String(maxIncrease), quantity)),
    }),
  };
}

function readDays(expires: string | undefined, attempt: Attempt): number | undefined {
  return expires === undefined ? undefined : attempt(['waivers', 'expires'], () => parseDays(expires));
}

function refuse(message: string): never {
  throw new UserError(message);
}
