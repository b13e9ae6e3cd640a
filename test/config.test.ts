import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultConfig,
  extendConfig,
  lintConfig,
  modelEntry,
  overrideConfig,
  parseConfig,
  parseConfigFile,
  printConfig,
} from '../src/config.ts';
import { budgetMetrics } from '../src/compare/comparison.ts';

const path = '.github/model-budget.yml';

/** The example of the documentation. */
const example = `version: 1
models:
  - path: "models/**/*.onnx"        # also: name, ignore: [globs]
    dims: { batch: 1, sequence: 128 }
    inputs: { x: 1x3x224x224 }
    rate: 30 Hz
    assumeDtype: int8
targets: [ethos-u55-256, rpi4-xnnpack, ./hardware/our-board.yml]
budgets:
  - { metric: latency, max: 30 ms, maxIncrease: 5%, target: ethos-u55-256 }
  - { metric: power, max: 150 mW, target: ethos-u55-256 }
  - { metric: peak-memory, max: 512 KiB, target: ethos-u55-256, level: error, onBand: fail, reason: "SRAM of the board" }
  - { metric: size, max: 5 MB, model: "models/kws/**" }
  - { metric: latency, max: 4 ms, layer: "backbone/*" }
unmeasured: fail
comment: { when: changed, layers: 12 }
charts: off
commands: { enabled: true, minPermission: write }
waivers: { who: maintain, expires: 30 days }
extends: our-org/.github:model-budget.yml@main
`;

describe('the example', () => {
  const config = parseConfig(example, path);

  test('reads with SI units inside', () => {
    expect(config.models).toEqual([
      {
        ...{ path: 'models/**/*.onnx', ignore: [], dims: new Map([['batch', 1], ['sequence', 128]]) }, // prettier-ignore
        ...{ inputs: new Map([['x', [1, 3, 224, 224]]]), rateHertz: 30, assumeDtype: 'int8' },
      },
    ]);
    expect(config.targets.map(({ id }) => id)).toEqual(['ethos-u55-256', 'rpi4-xnnpack', './hardware/our-board.yml']);
    expect(config.budgets).toEqual([
      {
        ...{ metric: 'latency', max: 0.03, maxIncrease: { kind: 'ratio', value: 0.05 }, target: 'ethos-u55-256' },
        ...{ level: 'error', onBand: 'warn', line: 10 },
      },
      { metric: 'power', max: 0.15, target: 'ethos-u55-256', level: 'error', onBand: 'warn', line: 11 },
      {
        ...{ metric: 'peak-memory', max: 524288, target: 'ethos-u55-256', level: 'error', onBand: 'fail' },
        ...{ reason: 'SRAM of the board', line: 12 },
      },
      { metric: 'size', max: 5_000_000, model: 'models/kws/**', level: 'error', onBand: 'warn', line: 13 },
      { metric: 'latency', max: 0.004, layer: 'backbone/*', level: 'error', onBand: 'warn', line: 14 },
    ]);
    expect(config.charts).toBe('off');
    expect(config.waivers).toEqual({ who: 'maintain', expiresDays: 30 });
    expect(config.extends).toEqual({ repository: 'our-org/.github', path: 'model-budget.yml', ref: 'main' });
  });

  test('prints as a config that reads back as itself', () => {
    const printed = printConfig(config);
    const again = parseConfig(printed.text, path);
    expect(printConfig(again)).toEqual(printed);
    expect(printed.digest).toMatch(/^[0-9a-f]{64}$/);
    const withoutLines = ({ budgets, targets, extends: _extended, ...rest }: typeof config) => ({
      ...rest,
      budgets: budgets.map(({ line: _line, ...budget }) => budget),
      targets: targets.map(({ line: _line, ...target }) => target),
    });
    expect(withoutLines(again)).toEqual(withoutLines(config));
  });
});

test('an empty file and a file that sets nothing mean the defaults', () => {
  expect(parseConfig('', path)).toEqual(defaultConfig);
  expect(parseConfig('# nothing yet\n', path)).toEqual(defaultConfig);
  expect(parseConfig('version: 1\n', path)).toEqual(defaultConfig);
});

describe('mistakes are told with their line and what was probably meant', () => {
  test.each<[string, string]>([
    ['budget: []', '1: unknown key "budget" (did you mean "budgets"?)'],
    [
      'version: 1\nbudgets:\n  - { metrc: latency, max: 3 ms }',
      '3: budgets.0: unknown key "metrc" (did you mean "metric"?)',
    ],
    ['budgets: [{ metric: latencyy, max: 3 ms }]', '1: budgets.0.metric: "latencyy" is not one of '],
    [
      'budgets:\n- metric: latency\n  max: 5',
      '3: budgets.0.max: "5" is not a time: it has no unit; use one of ns, µs, ms, s',
    ],
    [
      'budgets:\n- metric: latency\n  max: 5 parsecs',
      '3: budgets.0.max: "5 parsecs" is not a time: unknown unit "parsecs"',
    ],
    ['budgets:\n- metric: size\n  max: 5 ms', '3: budgets.0.max: "5 ms" is not a size'],
    ['budgets:\n- metric: size\n  maxIncrease: 5', '3: budgets.0.maxIncrease: "5" is not a size: it has no unit'],
    ['budgets:\n- metric: size', '2: budgets.0: a budget needs "max" or "maxIncrease"'],
    [
      'budgets:\n- metric: download\n  max: 1 MB\n  layer: a/*',
      '4: budgets.0.layer: "download" is known of the whole model only',
    ],
    ['budgets: [{ max: 5 ms }]', '1: budgets.0.metric: is missing'],
    ['unmeasured: maybe', '1: unmeasured: "maybe" is not one of fail, neutral'],
    [
      'charts: autoo',
      '1: charts: "autoo" is not one of auto, branch, app, quickchart, mermaid, text, off (did you mean "auto"?)',
    ],
    ['version: 2', '1: version: this program knows version 1'],
    ['waivers: { expires: 3 weeks }', '1: waivers.expires: write a number of days like "30 days"'],
    ['extends: our-org/x', '1: extends: write owner/repository:path@ref'],
    ['extends: o/r:../secret.yml@main', '1: extends: write owner/repository:path@ref'],
    ['models:\n- path: a\n  inputs: { x: 1*3 }', '3: models.0.inputs.x: write a shape like 1x3x224x224'],
    ['models:\n- path: a\n  rate: 0 Hz', '3: models.0.rate: a rate must be above 0'],
    ['models:\n- path: a\n  dims: { batch: 0 }', '3: models.0.dims.batch: must be a whole number above 0'],
    [
      'models:\n- { path: "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}" }',
      '2: models.0: a glob stands for more than 64 alternatives',
    ],
    ['models: &m []\nbudgets: *m', '2: the alias *m is not allowed'],
    ['budgets: [', '1: '],
    ['a: 1\na: 2', '2: "a" is given twice'],
    ['just text', '1: '],
    ['targets: []', '1: targets: must name a target'],
    ['targets:\n- rpi4-xnnpack\n- ethos-u55-256\n- rpi4-xnnpack', '4: targets.2: "rpi4-xnnpack" is given twice'],
    ['version: 1\n---\nversion: 1', '2: a second YAML document begins here'],
    ['comment: { layers: -1 }', '1: comment.layers: must be a whole number from 0 to 1000'],
    ['a: 1\nbudget: 2', '1: unknown keys "a", "budget" (did you mean "budgets"?)'],
  ])('%j', (text, message) => {
    expect(() => parseConfig(text, path)).toThrow(`${path}:${message}`);
  });

  test('a file over 256 KiB is refused', () => {
    expect(() => parseConfig(`# ${'x'.repeat(262_144)}`, path)).toThrow(`${path}: the file is larger than 256 KiB`);
  });

  test('counts may be bare, times may not', () => {
    const [macs] = parseConfig('budgets: [{ metric: macs, max: 300M, maxIncrease: 5 }]', path).budgets;
    expect(macs).toMatchObject({ max: 3e8, maxIncrease: { kind: 'amount', value: 5 } });
    expect(parseConfig('budgets: [{ metric: cpu-fallback, max: 0 }]', path).budgets[0]!.max).toBe(0);
  });

  test('hostile keys are keys', () => {
    const { models } = parseConfig('models:\n- path: a\n  dims: { __proto__: 3, constructor: 4 }', path);
    expect(models[0]!.dims.get('constructor')).toBe(4);
    expect(() => parseConfig('__proto__: 1', path)).toThrow('unknown key "__proto__"');
  });
});

describe('lint tells everything', () => {
  test('all mistakes, in the order of the file', () => {
    const text = `targets: [rpi4-xnpack, ./board.yml]
budgets:
  - { metric: latency, max: 5 }
  - { metric: size, max: 5 parsecs }
waivers: { expires: never }
`;
    expect(lintConfig(text, path, ['rpi4-xnnpack', 'ethos-u55-256'])).toEqual([
      { line: 1, message: 'unknown target "rpi4-xnpack" (did you mean "rpi4-xnnpack"?)' },
      { line: 3, message: 'budgets.0.max: "5" is not a time: it has no unit; use one of ns, µs, ms, s' },
      {
        line: 4,
        message:
          'budgets.1.max: "5 parsecs" is not a size: unknown unit "parsecs"; use one of B, kB, MB, GB, KiB, MiB, GiB',
      },
      { line: 5, message: 'waivers.expires: write a number of days like "30 days", 3660 at most' },
    ]);
  });

  test('mistakes of keys and words too', () => {
    const text = 'charts: png\nbudget: []\nunmeasured: maybe\n';
    expect(lintConfig(text, path, []).map(({ line }) => line)).toEqual([1, 2, 3]);
  });

  test('quantities of one entry beside mistyped keys of another', () => {
    const text = `models: [{ path: a, rate: 0 Hz }]
budgets:
  - { metric: latency, max: 5 }
  - { metric: latency, mxa: 5 ms }
  - { metric: size }
`;
    expect(lintConfig(text, path, []).map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '1: models.0.rate: a rate must be above 0',
      '3: budgets.0.max: "5" is not a time: it has no unit; use one of ns, µs, ms, s',
      '4: budgets.1: unknown key "mxa" (did you mean "max"?)',
      '5: budgets.2: a budget needs "max" or "maxIncrease"',
    ]);
  });

  test('a budget for a target that is not listed never applies', () => {
    const text = 'targets: [rpi4-xnnpack]\nbudgets:\n- { metric: latency, max: 5 ms, target: rpi4-xnnpak }\n';
    expect(lintConfig(text, path, ['rpi4-xnnpack'])).toEqual([
      { line: 3, message: 'a budget for "rpi4-xnnpak", which is not in "targets" (did you mean "rpi4-xnnpack"?)' },
    ]);
  });

  test('a good config has none; versions and variants are looked up elsewhere', () => {
    expect(lintConfig(example, path, ['ethos-u55-256', 'rpi4-xnnpack'])).toEqual([]);
    expect(lintConfig('targets: ["ethos-u55-256@3:high"]', path, ['ethos-u55-256'])).toEqual([]);
  });
});

describe('extends', () => {
  const shared = `targets: [rpi4-xnnpack]
budgets: [{ metric: size, max: 10 MB }]
comment: { when: always, layers: 3 }
charts: text
`;

  test('local keys win, budgets add up, maps merge key by key', () => {
    const local = parseConfigFile('budgets: [{ metric: macs, max: 1G }]\ncomment: { layers: 5 }\ncharts: off', path);
    const config = extendConfig(local, parseConfigFile(shared, 'o/r:c.yml@main'), 'o/r:c.yml@main');
    expect(config.budgets.map(({ metric }) => metric)).toEqual(['size', 'macs']);
    expect(config.comment).toEqual({ when: 'always', layers: 5 });
    expect(config.charts).toBe('off');
    expect(config.targets.map(({ id }) => id)).toEqual(['rpi4-xnnpack']);
    expect(config.extends).toBeUndefined();
  });

  test('an extended config extends nothing itself', () => {
    const extended = parseConfigFile(example, 'o/r:c.yml@main');
    expect(() => extendConfig({}, extended, 'o/r:c.yml@main')).toThrow('must not extend another one');
  });
});

describe('models', () => {
  const config = parseConfig(
    `models:
  - { path: "**/*.onnx", dims: { batch: 1 } }
  - { path: "models/**", ignore: ["models/old/**"], name: new, dims: { batch: 2 } }
`,
    path,
  );

  test('the last entry that fits counts', () => {
    expect(modelEntry(config, 'models/a.onnx')?.name).toBe('new');
    expect(modelEntry(config, 'models/old/a.onnx')?.dims.get('batch')).toBe(1);
    expect(modelEntry(config, 'models/a.pt')?.name).toBe('new');
    expect(modelEntry(config, 'other/a.pt')).toBeUndefined();
    expect(modelEntry(defaultConfig, 'anything')).toBeDefined();
  });

  test('flags win over the file', () => {
    const changed = overrideConfig(config, {
      ...{ targets: ['a'], dims: new Map([['batch', 8]]), inputs: new Map([['x', [1]]]), assumeDtype: 'none' },
    });
    expect(changed.targets).toEqual([{ id: 'a' }]);
    expect(modelEntry(changed, 'models/a.onnx')).toMatchObject({ dims: new Map([['batch', 8]]), assumeDtype: 'none' });
    expect(overrideConfig(config, {})).toEqual(config);
    expect(modelEntry(overrideConfig(defaultConfig, { dims: new Map([['n', 2]]) }), 'x')?.dims.get('n')).toBe(2);
  });
});

test('any budget survives printing and reading, to the last bit', () => {
  const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
  const arbitrary = fc.record({
    metric: fc.constantFrom(...budgetMetrics),
    max: amount,
    maxIncrease: fc.oneof(
      fc.record({ kind: fc.constant('amount' as const), value: amount }),
      fc.record({ kind: fc.constant('ratio' as const), value: amount.map((percent) => percent / 100) }),
    ),
    level: fc.constantFrom('error' as const, 'warn' as const),
    onBand: fc.constantFrom('warn' as const, 'fail' as const),
  });
  fc.assert(
    fc.property(arbitrary, (budget) => {
      const [read] = parseConfig(printConfig({ ...defaultConfig, budgets: [budget] }).text, path).budgets;
      expect({ ...read, line: 0 }).toEqual({ ...budget, line: 0 });
    }),
  );
});

test('a target file travels inside the resolved config', () => {
  const text = 'id: our-board\nname: "ours: the board"\n';
  const printed = printConfig({ ...defaultConfig, targets: [{ id: './hardware/our-board.yml', text }] });
  expect(parseConfig(printed.text, path).targets).toEqual([{ id: './hardware/our-board.yml', text, line: 4 }]);
});
