/** The config file as it is written: texts and numbers, quantities not yet read. Its JSON schema is shipped. */
import { z } from 'zod';
import { budgetMetrics } from '../compare/comparison.ts';
import { record, word } from '../schedule/shape.ts';
import { assumedTypes, chartHosts, commentTimes, permissions, type AssumedDtype } from './record.ts';

const text = z.string().min(1).max(1024);
const glob = z.string().min(1).max(256);
/** `30 ms`; counts may be bare. */
const quantity = z.union([z.string(), z.number()], { error: 'must be a quantity, like 30 ms or 512 KiB' });
const aboveNothing = { error: 'must be a whole number above 0' };
const rows = { error: 'must be a whole number from 0 to 1000' };
const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(1000);

/** One of `models`. */
export const modelSchema = record({
  path: glob,
  name: z.exactOptional(text),
  ignore: z.exactOptional(list(glob)),
  dims: z.exactOptional(z.record(text, z.int(aboveNothing).min(1, aboveNothing))),
  inputs: z.exactOptional(z.record(text, z.union([z.string(), z.number()]))),
  rate: z.exactOptional(quantity),
  assumeDtype: z.exactOptional(word(Object.keys(assumedTypes) as AssumedDtype[])),
});

/** One of `budgets`. */
export const budgetSchema = record({
  metric: word(budgetMetrics),
  max: z.exactOptional(quantity),
  maxIncrease: z.exactOptional(quantity),
  target: z.exactOptional(text),
  model: z.exactOptional(glob),
  layer: z.exactOptional(glob),
  level: z.exactOptional(word(['error', 'warn'])),
  onBand: z.exactOptional(word(['warn', 'fail'])),
  reason: z.exactOptional(text),
});

/** An id, a path, or a file with its text in place: how a resolved config carries the repository's own targets. */
const target = z.union([text, record({ file: text, text: z.string() })], {
  error: 'must be the id of a target or the path of a target file',
});

export const configSchema = record({
  version: z.exactOptional(z.literal(1, { error: 'this program knows version 1' })),
  models: z.exactOptional(list(modelSchema)),
  targets: z.exactOptional(list(target).min(1, { error: 'must name a target' })),
  budgets: z.exactOptional(list(budgetSchema)),
  unmeasured: z.exactOptional(word(['fail', 'neutral'])),
  comment: z.exactOptional(
    record({
      when: z.exactOptional(word(commentTimes)),
      layers: z.exactOptional(z.int(rows).min(0, rows).max(1000, rows)),
    }),
  ),
  charts: z.exactOptional(word(chartHosts)),
  commands: z.exactOptional(
    record({ enabled: z.exactOptional(z.boolean()), minPermission: z.exactOptional(word(permissions)) }),
  ),
  waivers: z.exactOptional(record({ who: z.exactOptional(word(permissions)), expires: z.exactOptional(z.string()) })),
  extends: z.exactOptional(z.string()),
});

export type WrittenConfig = z.output<typeof configSchema>;
export type WrittenModel = z.output<typeof modelSchema>;
export type WrittenBudget = z.output<typeof budgetSchema>;
