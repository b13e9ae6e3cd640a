// Writes docs/config.md: every key of the config, from the schema that reads it (src/config/schema.ts). What a wrong value
// is answered with comes from the program itself.
//
//   node tools/config.mjs [--check]
//
// `--check` writes nothing and fails where the file is not what the code says.
import { stringify } from 'yaml';
import { toJSONSchema } from 'zod';
import { loadModule, writePage } from './page.mjs';

const introduction = `# The config

\`.github/model-budget.yml\` is optional. Without it every ONNX, TFLite and Core ML file that changes is reported on the default
targets, and nothing is judged. \`model-budget init\` writes one that fits the repository, \`model-budget lint\` tells all that is
wrong with one, each mistake with its line.

A review reads it at the tip of the **base** branch, never from the change: a change of the config in a pull request is shown
as "takes effect after the merge". On the command line: \`--config FILE\`, else the one of the base.

YAML without aliases, 256 KiB at most. An unknown key is an error that names the nearest known one. Editors that know JSON
Schema complete and check the file with [schemas/config.json](../schemas/config.json), which is part of the package; with
\`model-budget\` installed, as first line of the file:

\`\`\`yaml
# yaml-language-server: $schema=../node_modules/model-budget/schemas/config.json
\`\`\`
`;

const conclusion = `
This page is made from the code by \`npm run docs\`.
`;

/** A value that each key refuses, where there is one. */
const wrongValues = {
  version: 2,
  'models[].path': 5,
  'models[].dims': { sequence: 0 },
  'models[].inputs': { x: '1,3,224,224' },
  'models[].rate': '30 fps',
  'models[].assumeDtype': 'int4',
  targets: ['rpi4-xnnpak'],
  'budgets[].metric': 'latncy',
  'budgets[].max': 5,
  'budgets[].maxIncrease': '5 parsecs',
  'budgets[].target': 'rpi4-xnnpak',
  'budgets[].level': 'warning',
  'budgets[].onBand': 'pass',
  unmeasured: 'pass',
  'comment.when': 'change',
  'comment.layers': 5000,
  charts: 'quickcharts',
  'commands.enabled': 'yes',
  'commands.minPermission': 'writer',
  'waivers.who': 'owner',
  'waivers.expires': '2 weeks',
  extends: 'our-org/.github',
};

/** What an entry of a list needs besides the key in question. */
const companions = { 'models[]': { path: '**' }, 'budgets[]': { metric: 'latency', max: '30 ms' } };

const { configSchema } = await loadModule('src/config/schema.ts');
const { lintConfig } = await loadModule('src/config.ts');
const { budgetRows } = await loadModule('src/compare/budget.ts');
const { unitNames } = await loadModule('src/units.ts');
const knownTargets = ['rpi4-xnnpack', 'github-runner-onnxruntime', 'ethos-u55-256'];

/** Every key with its schema, in the order of the schema; keys of list entries as `models[].path`. */
function keysOf(schema, prefix = '') {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const path = `${prefix}${name}`;
    const inner = child.items?.properties === undefined ? keysOf(child, `${path}.`) : keysOf(child.items, `${path}[].`);
    return [{ path, schema: child, required: required.has(name) }, ...inner];
  });
}

/** A whole config in which this key has this value. */
function configWith(path, value) {
  const parts = path.split('.');
  return parts.reduceRight((inner, part, index) => {
    const isList = part.endsWith('[]');
    const content = isList ? [{ ...companions[parts.slice(0, index + 1).join('.')], ...inner }] : inner;
    return { [part.replace('[]', '')]: content };
  }, value);
}

const written = (config) => stringify(config, { lineWidth: 0, singleQuote: true });

function mistakesIn(path, value) {
  return lintConfig(written(configWith(path, value)), 'model-budget.yml', knownTargets);
}

/** What may stand there, in words. */
function valuesOf(path, schema) {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (path === 'models[].rate') return quantityWords('frequency');
  if (path === 'budgets[].max') return 'a quantity of the metric';
  if (path === 'budgets[].maxIncrease') return 'a share (`5%`), or a quantity of the metric';
  if (path === 'models[].dims') return 'whole numbers above 0, by name';
  if (path === 'models[].inputs') return 'shapes like `1x3x224x224`, by name';
  if (path === 'waivers.expires') return 'a number of days';
  if (schema.type === 'integer') return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'array') return schema.items.properties === undefined ? 'a list of texts' : 'a list of entries';
  if (schema.type === 'object') return 'keys of its own';
  if (schema.type === 'string') return 'text';
  throw new Error(`tools/config.mjs has no words for the values of ${path}`);
}

function quantityWords(quantity) {
  const units = unitNames(quantity).map((unit) => `\`${unit}\``);
  return units.length > 0 ? `a number and a unit: ${units.join(', ')}` : 'a number';
}

/** Prose in lines of at most 120 characters. */
function wrapped(prose) {
  const lines = [''];
  for (const word of prose.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length <= 120) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines.join('\n');
}

function sectionOf({ path, schema, required }) {
  const [example] = schema.examples ?? [];
  if (schema.description === undefined || example === undefined) throw new Error(`${path} has no words in its schema`);
  const refused = mistakesIn(path, example);
  if (refused.length > 0) throw new Error(`the example of ${path} is refused: ${refused[0].message}`);
  const byDefault =
    schema.default === undefined
      ? ''
      : ` Default: ${[schema.default]
          .flat()
          .map((value) => `\`${value}\``)
          .join(', ')}.`;
  return [
    `### \`${path}\``,
    wrapped(schema.description),
    `Values: ${valuesOf(path, schema)}.${byDefault}${required ? ' Needed.' : ''}`,
    `\`\`\`yaml\n${written(configWith(path, example)).trimEnd()}\n\`\`\``,
    ...refusalOf(path),
  ].join('\n\n');
}

function refusalOf(path) {
  if (!(path in wrongValues)) return [];
  const [mistake] = mistakesIn(path, wrongValues[path]);
  if (mistake === undefined) throw new Error(`the wrong value of ${path} is accepted`);
  return [
    wrapped(`\`${JSON.stringify(wrongValues[path])}\` is refused: ${mistake.message.replace(/([*_<|])/g, '\\$1')}`),
  ];
}

const metricRow = ([metric, { key, quantity, ofLayers }]) => {
  const units =
    quantity === 'count'
      ? 'bare, or with `k`, `M`, `G`'
      : unitNames(quantity)
          .map((unit) => `\`${unit}\``)
          .join(' ');
  return `| \`${metric}\` | \`${key}\` | ${units} | ${ofLayers === undefined ? 'no' : 'yes'} |`;
};

const keys = keysOf(toJSONSchema(configSchema, { io: 'input' }));
const unknown = Object.keys(wrongValues).filter((path) => !keys.some((key) => key.path === path));
if (unknown.length > 0) throw new Error(`tools/config.mjs knows keys that are none: ${unknown.join(', ')}`);
const page = `${introduction}
## Keys

${keys.map(sectionOf).join('\n\n')}

## Metrics

Powers of 1000 (\`kB\`, \`MB\`, \`GB\`) and of 1024 (\`KiB\`, \`MiB\`, \`GiB\`); \`us\` stands for \`µs\`, \`KB\` for \`kB\`.

| metric | key in the JSON | units | per layer |
| --- | --- | --- | --- |
${Object.entries(budgetRows).map(metricRow).join('\n')}
${conclusion}`;
await writePage('docs/config.md', page, 'the keys of the config');
