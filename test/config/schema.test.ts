/** The words beside the keys of the config: editors show them, and docs/config.md is made from them. */
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { toJSONSchema } from 'zod';
import { lintConfig, parseConfig } from '../../src/config.ts';
import { configSchema } from '../../src/config/schema.ts';

interface KeySchema {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly items?: KeySchema;
}

const schema = toJSONSchema(configSchema, { io: 'input' }) as KeySchema;

function keysOf({ properties = {} }: KeySchema, prefix = ''): readonly (readonly [string, KeySchema])[] {
  return Object.entries(properties).flatMap(([name, child]) => [
    [`${prefix}${name}`, child] as const,
    ...keysOf(child, `${prefix}${name}.`),
    ...keysOf(child.items ?? {}, `${prefix}${name}[].`),
  ]);
}

const companions: Readonly<Record<string, object>> = {
  models: { path: '**' },
  budgets: { metric: 'latency', max: '30 ms' },
};

/** `models[].dims` as a whole config. */
function configWith(path: string, value: unknown): string {
  const whole = path.split('.').reduceRight<unknown>((inner, part) => {
    const name = part.replace('[]', '');
    return { [name]: part === name ? inner : [{ ...companions[name], ...(inner as object) }] };
  }, value);
  return stringify(whole);
}

/** What counts: without the lines of the file. */
const meaning = (text: string): unknown =>
  JSON.parse(JSON.stringify(parseConfig(text, 'c.yml'), (key, value: unknown) => (key === 'line' ? undefined : value)));

const keys = keysOf(schema);

test.each(keys)('%s says what it does, with an example that is accepted', (path, key) => {
  expect(key.description).toMatch(/\.$/);
  expect(key.examples).toHaveLength(1);
  const targets = ['rpi4-xnnpack', 'ethos-u55-256'];
  expect(lintConfig(configWith(path, key.examples?.[0]), 'c.yml', targets)).toEqual([]);
});

test.each(keys.filter(([, key]) => key.default !== undefined))(
  'the default of %s is what holds without it',
  (path, key) => {
    const entry = /^(\w+)\[\]/.exec(path)?.[1];
    const without = entry === undefined ? '' : stringify({ [entry]: [companions[entry]] });
    expect(meaning(configWith(path, key.default))).toEqual(meaning(without));
  },
);
