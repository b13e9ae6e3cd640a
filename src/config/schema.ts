/**
 * The config file as it is written: texts and numbers, quantities not yet read. Its JSON schema is shipped, and
 * docs/config.md is made from it: what a key does, its default and an example stand here and nowhere else.
 */
import { z } from 'zod';
import { budgetMetrics } from '../compare/comparison.ts';
import { record, word } from '../schedule/shape.ts';
import { assumedTypes, chartHosts, commentTimes, defaultConfig, permissions, type AssumedDtype } from './record.ts';

const text = z.string().min(1).max(1024);
const glob = z.string().min(1).max(256);
/** `30 ms`; counts may be bare. */
const quantity = z.union([z.string(), z.number()], { error: 'must be a quantity, like 30 ms or 512 KiB' });
const aboveNothing = { error: 'must be a whole number above 0' };
const rows = { error: 'must be a whole number from 0 to 1000' };
const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(1000);

interface KeyWords {
  /** What it does. */
  readonly description: string;
  /** One value, which `lint` accepts. */
  readonly examples: readonly [unknown];
  /** What holds without the key; absent: nothing. */
  readonly default?: unknown;
}

/** A key that may be left out. */
const key = <Value extends z.ZodType>(value: Value, words: KeyWords) => z.exactOptional(value.meta({ ...words }));

/** One of `models`. */
export const modelSchema = record({
  path: glob.meta({
    description:
      'Glob over paths: `*` and `?` stay within a folder, `**` crosses folders, `[abc]` and `{a,b}` as in shells. A file under several entries takes the last one. Formats that cannot be parsed (`.gguf`, `.safetensors`, …) may be named; only `size` and `download` are known of them.',
    examples: ['models/**/*.onnx'],
  }),
  name: key(text, {
    description: "A name for the report, which the `model` of a budget may match in place of the file's path.",
    examples: ['keyword spotter'],
  }),
  ignore: key(list(glob), {
    description: 'Globs over paths that the entry leaves out.',
    examples: [['models/archive/**']],
  }),
  dims: key(z.record(text, z.int(aboveNothing).min(1, aboveNothing)), {
    description:
      'Values of dynamic dimensions by their names in the file. One named `batch` or `N`, or an unnamed leading one, is 1 without this; any other without a value makes its budgets not measured.',
    examples: [{ batch: 1, sequence: 128 }],
  }),
  inputs: key(z.record(text, z.union([z.string(), z.number()])), {
    description: "Shapes of inputs by the inputs' names, for dimensions that have no name.",
    examples: [{ x: '1x3x224x224' }],
  }),
  rate: key(quantity, {
    description:
      "Inferences a second: average power is then of the inference and the pause after it, at the target's idle power. Without it, inferences follow one another.",
    examples: ['30 Hz'],
  }),
  assumeDtype: key(word(Object.keys(assumedTypes) as AssumedDtype[]), {
    description:
      "On a target without float support a float model is costed as if it were quantized to the target's own type. This sets the type; `none` switches the assumption off. A model that holds a quantized operator is taken as it is.",
    examples: ['int8'],
  }),
});

/** One of `budgets`. */
export const budgetSchema = record({
  metric: word(budgetMetrics).meta({ description: 'What is limited; see the metrics below.', examples: ['latency'] }),
  max: key(quantity, {
    description:
      "The absolute limit. It fails when the low end of the estimate's band exceeds it, and warns when only the estimate does (`onBand`).",
    examples: ['30 ms'],
  }),
  maxIncrease: key(quantity, {
    description:
      'What a change may add: a share of the base, or an amount in the unit of the metric. Compared without a band, since both sides share the error. From a base of 0 any increase breaks a share. A new model has no base, which is a warning.',
    examples: ['5%'],
  }),
  target: key(text, {
    description: 'Applies on this target alone: an entry of `targets`, or the `id` inside of a target file.',
    examples: ['rpi4-xnnpack'],
  }),
  model: key(glob, {
    description: 'Applies to models whose path or name this glob matches.',
    examples: ['models/kws/**'],
  }),
  layer: key(glob, {
    description:
      'Applies to the sum of the layers whose names, or those of whose nodes, match: `*` crosses `/`, a leading `/` is ignored. Not for `download`.',
    examples: ['backbone/*'],
  }),
  level: key(word(['error', 'warn']), {
    description: '`warn`: at most a warning, whatever happens.',
    examples: ['warn'],
    default: 'error',
  }),
  onBand: key(word(['warn', 'fail']), {
    description: 'What it is when the estimate exceeds `max` and the low end of its band does not.',
    examples: ['fail'],
    default: 'warn',
  }),
  reason: key(text, {
    description: 'Why the limit is what it is, for who reads the config.',
    examples: ['SRAM of the board'],
  }),
});

/** An id, a path, or a file with its text in place: how a resolved config carries the repository's own targets. */
const target = z.union([text, record({ file: text, text: z.string() })], {
  error: 'must be the id of a target or the path of a target file',
});

export const configSchema = record({
  version: key(z.literal(1, { error: 'this program knows version 1' }), {
    description: 'Version of the format of this file.',
    examples: [1],
    default: 1,
  }),
  models: key(list(modelSchema), {
    description:
      'Which files are models, and how they are to be read. Without it: every ONNX, TFLite and Core ML file.',
    examples: [[{ path: 'models/**/*.onnx', dims: { sequence: 128 } }]],
  }),
  targets: key(list(target).min(1, { error: 'must name a target' }), {
    description:
      'The hardware: ids (`model-budget targets` lists them; `<hardware>[-<runtime>][@<version>][:<system>[:<memory>]]`), or paths of target files of the repository.',
    examples: [['ethos-u55-256', 'rpi4-xnnpack']],
    default: defaultConfig.targets.map(({ id }) => id),
  }),
  budgets: key(list(budgetSchema), {
    description:
      'The limits. Each needs `max` or `maxIncrease`. Without `target`, `model` and `layer` it applies to every model on every target.',
    examples: [[{ metric: 'size', max: '5 MB' }]],
  }),
  unmeasured: key(word(['fail', 'neutral']), {
    description: 'What the check says where a budget applies and something that it needs could not be measured.',
    examples: ['neutral'],
    default: defaultConfig.unmeasured,
  }),
  comment: key(
    record({
      when: key(word(commentTimes), {
        description: 'When to comment: a model `changed`, `always`, at a `breach` of a budget, or `never`.',
        examples: ['breach'],
        default: defaultConfig.comment.when,
      }),
      layers: key(z.int(rows).min(0, rows).max(1000, rows), {
        description: 'Rows of the table of changed layers; the rest is folded away.',
        examples: [20],
        default: defaultConfig.comment.layers,
      }),
    }),
    { description: 'The comment in the pull request.', examples: [{ when: 'breach', layers: 20 }] },
  ),
  charts: key(word(chartHosts), {
    description:
      'Where pictures come from: a `branch` of their own, the `app`, `quickchart`, or `mermaid` and `text` in their place. `auto` takes the first that works; `off` leaves them out.',
    examples: ['mermaid'],
    default: defaultConfig.charts,
  }),
  commands: key(
    record({
      enabled: key(z.boolean(), {
        description: 'Whether slash commands in comments are answered.',
        examples: [false],
        default: defaultConfig.commands.enabled,
      }),
      minPermission: key(word(permissions), {
        description: 'The least role in the repository that may give commands.',
        examples: ['triage'],
        default: defaultConfig.commands.minPermission,
      }),
    }),
    { description: 'Slash commands.', examples: [{ minPermission: 'triage' }] },
  ),
  waivers: key(
    record({
      who: key(word(permissions), {
        description: 'The least role that may accept a breach.',
        examples: ['admin'],
        default: defaultConfig.waivers.who,
      }),
      expires: key(z.string(), {
        description: 'How long an accepted breach stays accepted at most.',
        examples: ['14 days'],
        default: `${defaultConfig.waivers.expiresDays} days`,
      }),
    }),
    { description: 'Accepted breaches of budgets.', examples: [{ who: 'admin', expires: '14 days' }] },
  ),
  extends: key(z.string(), {
    description:
      "Another repository's config as `owner/repo:path@ref`, read with the same token. Its keys come first, those of this file win, budgets add up. It must not extend a third one.",
    examples: ['our-org/.github:model-budget.yml@main'],
  }),
});

export type WrittenConfig = z.output<typeof configSchema>;
export type WrittenModel = z.output<typeof modelSchema>;
export type WrittenBudget = z.output<typeof budgetSchema>;
