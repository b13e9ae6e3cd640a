/** SARIF: what broke, at which line of the config, with the lines of code behind it. */
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import type { Report } from '../../src/report/report.ts';
import { renderSarif } from '../../src/report/sarif.ts';
import { expectGolden } from '../golden.ts';
import { fixture, reviewPairs } from '../review/input.ts';
import { hostileText } from './hostile-text.ts';
import { budget, layer, modelReport, report, row, targetReport } from './reports.ts';
import { verdictCases } from './verdict-cases.ts';

interface Location {
  readonly id?: number;
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region?: { readonly startLine: number };
  };
  readonly message?: { readonly text: string };
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly Location[];
  readonly relatedLocations?: readonly Location[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions?: readonly { readonly justification: string }[];
}

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly invocations: readonly { readonly toolExecutionNotifications: readonly { message: { text: string } }[] }[];
  readonly results: readonly Result[];
}

const text = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 } } } as const;
const uri = { type: 'string', pattern: String.raw`^(?:file:///)?[\w.~%/-]+$` };
const location = {
  type: 'object',
  required: ['physicalLocation'],
  properties: {
    id: { type: 'integer', minimum: 0 },
    message: text,
    physicalLocation: {
      type: 'object',
      required: ['artifactLocation'],
      additionalProperties: false,
      properties: {
        artifactLocation: {
          type: 'object',
          required: ['uri'],
          additionalProperties: false,
          properties: { uri, uriBaseId: { const: '%SRCROOT%' } },
        },
        region: {
          type: 'object',
          additionalProperties: false,
          properties: { startLine: { type: 'integer', minimum: 1 } },
        },
      },
    },
  },
} as const;

/** Of SARIF 2.1.0, §3.13 to §3.28, what a run of this program may hold. */
const isLog = new Ajv({ allErrors: true, strict: false }).compile({
  type: 'object',
  required: ['$schema', 'version', 'runs'],
  properties: {
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['tool', 'results', 'invocations'],
        properties: {
          tool: {
            type: 'object',
            properties: {
              driver: {
                type: 'object',
                required: ['name', 'version', 'rules'],
                properties: {
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      required: ['id', 'shortDescription', 'fullDescription', 'help', 'defaultConfiguration'],
                      properties: { shortDescription: text, fullDescription: text, help: text },
                    },
                  },
                },
              },
            },
          },
          invocations: {
            type: 'array',
            items: {
              type: 'object',
              required: ['executionSuccessful'],
              properties: {
                toolExecutionNotifications: {
                  type: 'array',
                  items: {
                    type: 'object',
                    required: ['message', 'level'],
                    properties: { message: text, locations: { type: 'array', items: location } },
                  },
                },
              },
            },
          },
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['ruleId', 'ruleIndex', 'level', 'message', 'locations', 'partialFingerprints'],
              properties: {
                level: { enum: ['none', 'note', 'warning', 'error'] },
                message: text,
                locations: { type: 'array', minItems: 1, maxItems: 1, items: location },
                relatedLocations: { type: 'array', uniqueItems: true, items: location },
                suppressions: {
                  type: 'array',
                  items: {
                    type: 'object',
                    required: ['kind'],
                    properties: { kind: { const: 'external' }, status: { const: 'accepted' } },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
});

function runOf(one: Report, config?: string): Run {
  const sarif = renderSarif(
    one,
    config === undefined
      ? {}
      : { configFile: { path: '.github/model-budget.yml', budgets: parseConfig(config, 'c').budgets } },
  );
  expect(sarif.endsWith('\n')).toBe(true);
  const log = JSON.parse(sarif) as { readonly runs: readonly [Run] };
  expect(isLog(log) ? [] : isLog.errors).toEqual([]);
  for (const { ruleId, ruleIndex } of log.runs[0].results) {
    expect(log.runs[0].tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  }
  return log.runs[0];
}

const placeOf = ({ locations: [first] }: Result) => [
  first!.physicalLocation.artifactLocation.uri,
  first!.physicalLocation.region?.startLine,
];

describe('a review of fixtures', () => {
  const config = `targets: [ethos-u55-256]
budgets:
  - { metric: size, max: 1 GB }
  - { metric: latency, maxIncrease: 5% }
  - { metric: latency, max: 1 us, layer: "*", level: warn }
`;
  const reviewed = reviewPairs([{ base: 'detector-nearest.onnx', head: 'detector-cubic.onnx', path: 'm/a b.onnx' }], {
    config,
    targets: ['ethos-u55-256'],
  });

  test('points at the lines that set the broken budgets', () => {
    const { results } = runOf(reviewed, config);
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['latency', 'error'],
      ['latency', 'warning'],
    ]);
    expect(results.map(placeOf)).toEqual([
      ['.github/model-budget.yml', 4],
      ['.github/model-budget.yml', 5],
    ]);
    expect(results[0]?.message.text).toMatch(/^Latency of m\/a b\.onnx on ethos-u55-256: .*at most \+5% more/);
    expectGolden(
      `${JSON.stringify(JSON.parse(renderSarif(reviewed, { configFile: { path: 'c.yml', budgets: parseConfig(config, 'c').budgets } })), null, 2)}\n`,
      'report/detector-sarif.json',
    );
  });

  test('points at the model where the budget is of another config', () => {
    expect(runOf(reviewed).results.map(placeOf)).toEqual([
      ['m/a%20b.onnx', undefined],
      ['m/a%20b.onnx', undefined],
    ]);
  });

  test('an unreadable model is told, and its budgets are errors', () => {
    const broken = reviewPairs([{ base: fixture('cnn-qdq.onnx'), head: { error: 'gone' } }], { config });
    const { results, invocations } = runOf(broken, config);
    expect(results.map(({ level }) => level)).toContain('error');
    expect(invocations[0]?.toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
      'models/net.onnx: head: gone',
    ]);
  });
});

test('lines of code are related, the one that adds most first, each once', () => {
  const grown = (name: string, latencySeconds: number, source: string) =>
    row([layer({ name, latencySeconds: 1e-3 })], [layer({ name, latencySeconds })], { source });
  const layers = [grown('a', 2e-3, 'net/b.py:7'), grown('b', 5e-3, 'net/a.py:3'), grown('c', 3e-3, 'net/a.py:3')];
  const broken = budget({ limit: null, maxIncrease: { kind: 'ratio', value: 0.05 }, verdict: 'fail' });
  const one = report({ models: [modelReport({ targets: [targetReport({ layers, budgets: [broken] })] })] });
  expect(
    runOf(one).results[0]?.relatedLocations?.map(({ physicalLocation: { artifactLocation, region }, message }) => [
      artifactLocation.uri,
      region?.startLine,
      message?.text,
    ]),
  ).toEqual([
    ['net/a.py', 3, 'made the layer b'],
    ['net/b.py', 7, 'made the layer a'],
  ]);
});

test('what was accepted is suppressed with its reason, what holds is left out', () => {
  const waiver = {
    ...{ id: 'comment-1', who: 'octo', when: '2026-01-01T00:00:00Z', why: 'release [week]', until: '2026-02-01' },
    ...{ metric: 'latency' as const, values: [] },
  };
  const budgets = [budget(), budget({ verdict: 'waived', waiver })];
  const { results } = runOf(report({ models: [modelReport({ targets: [targetReport({ budgets })] })] }));
  expect(results.map(({ level, suppressions }) => [level, suppressions?.[0]?.justification])).toEqual([
    ['note', String.raw`release \[week\]`],
  ]);
});

test.each(Object.keys(verdictCases))('every kind of report: %s', (name) => {
  const { results } = runOf(verdictCases[name]!);
  const broken = verdictCases[name]!.models.flatMap(({ targets }) =>
    targets.flatMap(({ budgets }) => budgets.filter(({ verdict }) => verdict !== 'pass')),
  );
  expect(results).toHaveLength(broken.length);
});

test('hostile names stay plain text', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (path, glob) => {
      const layers = [row([], [layer({ name: glob })], { source: `s${path}:1` })];
      const budgets = [budget({ layer: glob, verdict: 'fail', reason: glob }), budget({ verdict: 'fail' })];
      const { results } = runOf(
        report({
          models: [modelReport({ path: path || 'x', errors: [glob], targets: [targetReport({ budgets, layers })] })],
        }),
      );
      for (const { message } of results) {
        // Every bracket is escaped and every brace doubled: nothing is a link, and nothing is filled in.
        expect(message.text.replace(/\\[\\[\]]/g, '')).not.toMatch(/[[\]\\]/);
        expect(message.text.replace(/\{\{|\}\}/g, '')).not.toMatch(/[{}]/);
        expect(message.text).not.toMatch(/[\u0000-\u001f\u007f\u202e\u200b]/);
      }
    }),
  );
});

test('the same report gives the same bytes, and the same budget the same fingerprint whatever its numbers', () => {
  const one = verdictCases['fails-two-budgets']!;
  expect(renderSarif(one)).toBe(renderSarif(structuredClone(one)));
  const prints = (actual: number) =>
    runOf(
      report({
        models: [modelReport({ targets: [targetReport({ budgets: [budget({ verdict: 'fail', actual })] })] })],
      }),
    ).results.map(({ partialFingerprints }) => partialFingerprints);
  expect(prints(0.04)).toEqual(prints(0.05));
});
