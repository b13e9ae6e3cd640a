/**
 * Budgets that do not hold, as SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0): one rule for each metric, one result
 * for each budget, model and target. A result stands at the line of the config that set the budget; the lines of code
 * behind the layers that it comes from are related to it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { budgetRows } from '../compare/budget.ts';
import { budgetMetrics, type Budget, type BudgetMetric, type BudgetResult } from '../compare/comparison.ts';
import { printChange, printDelta, printQuantity } from '../units.ts';
import { budgetLine, type Judged } from './budget-line.ts';
import { contributingRows } from './explain-document.ts';
import { visibleName, visibleSentence } from './inert.ts';
import { jsonLine } from './json-line.ts';
import { describeMetric, metricWords, printLimit } from './metrics.ts';
import { rowName } from './repeats.ts';
import type { ModelReport, Report } from './report.ts';
import { encodedPath, splitSource } from './source-words.ts';

/** The config that the report was made under, where results can point into it. */
export interface ConfigFile {
  /** Relative to the repository's top. */
  readonly path: string;
  readonly budgets: readonly Budget[];
}

export interface SarifOptions {
  readonly configFile?: ConfigFile;
}

/** Ends with a line break. */
export function renderSarif(report: Report, { configFile }: SarifOptions = {}): string {
  const results = report.models.flatMap((model) =>
    model.targets.flatMap((target) =>
      target.budgets
        .filter(({ verdict }) => verdict !== 'pass')
        .map((budget) => resultOf(budget, { model, target }, configFile)),
    ),
  );
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'model-budget', version: report.tool.version, rules: budgetMetrics.map(ruleOf) } },
        invocations: [
          { executionSuccessful: true, toolExecutionNotifications: report.models.flatMap(notificationsOf) },
        ],
        columnKind: 'utf16CodeUnits',
        results,
        properties: {
          ...{ verdict: report.verdict, configDigest: report.configDigest, replay: report.replay },
          ...{ base: report.base, head: report.head },
        },
      },
    ],
  };
  return `${jsonLine(log)}\n`;
}

function ruleOf(metric: BudgetMetric) {
  const words = metricWords(metric);
  const { label } = describeMetric(budgetRows[metric].key);
  return {
    id: metric,
    shortDescription: { text: `${label}: over budget` },
    fullDescription: {
      text: `A budget of the config limits the ${words} of a model on a target, or what a change may add to it.`,
    },
    help: { text: 'What the value comes from, layer by layer: `model-budget explain`.' },
    defaultConfiguration: { level: 'error' },
  };
}

function resultOf(result: BudgetResult, judged: Judged, config: ConfigFile | undefined) {
  const { waiver } = result;
  const related = sourcesOf(result, judged);
  return {
    ruleId: result.metric,
    ruleIndex: budgetMetrics.indexOf(result.metric),
    level: levels[result.verdict],
    message: { text: messageOf(result, judged) },
    locations: [{ ...placeOf(result, judged, config), logicalLocations: logicalLocations(result, judged) }],
    ...(related.length === 0 ? {} : { relatedLocations: related }),
    partialFingerprints: { 'budget/v1': fingerprintOf(result, judged) },
    ...(waiver === undefined || result.verdict !== 'waived'
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: plain(waiver.why) }] }),
    properties: {
      ...{ verdict: result.verdict, key: result.key, limit: result.limit, maxIncrease: result.maxIncrease },
      ...{ actual: result.actual, base: result.base },
    },
  };
}

/** What holds the merge is an error, as in the annotations of the check. */
const levels: Readonly<Record<BudgetResult['verdict'], 'error' | 'warning' | 'note'>> = {
  fail: 'error',
  'not-measured': 'error',
  warn: 'warning',
  waived: 'note',
  pass: 'note',
};

function messageOf(result: BudgetResult, { model, target }: Judged): string {
  const { quantity } = budgetRows[result.metric];
  const label = describeMetric(result.key).label;
  const layer = result.layer === undefined ? '' : ` of the layers ${name(result.layer)}`;
  const actual = result.actual === null ? 'not measured' : printQuantity(result.actual, quantity);
  const limits = [
    ...(result.limit === null ? [] : [`limit ${printLimit(result.limit, quantity)}`]),
    ...(result.maxIncrease === null ? [] : [`at most ${increaseOf(result)} more than the base`]),
    ...(result.base === null ? [] : [`base ${printQuantity(result.base, quantity)}`]),
  ];
  const reason = result.reason === undefined ? '' : ` ${plain(result.reason)}.`;
  return `${label}${layer} of ${name(model.path)} on ${name(target.target.id)}: ${actual} (${limits.join(', ')}).${reason}`;
}

function increaseOf({ metric, maxIncrease }: BudgetResult): string {
  if (!maxIncrease) return '';
  const { kind, value } = maxIncrease;
  return kind === 'ratio' ? printChange(value) : printDelta(value, budgetRows[metric].quantity);
}

function placeOf(result: BudgetResult, judged: Judged, config: ConfigFile | undefined) {
  const line = config && budgetLine(config.budgets, result, judged);
  // A budget from elsewhere: the model, as a whole, since nobody reads it by lines.
  if (config === undefined || line === undefined) return { physicalLocation: artifact(judged.model.path) };
  return { physicalLocation: { ...artifact(config.path), region: { startLine: line } } };
}

function artifact(path: string) {
  const isAbsolute = path.startsWith('/');
  const uri = encodedPath(path.replace(/^(?:\.\/)+/, ''));
  return { artifactLocation: isAbsolute ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' } };
}

function logicalLocations({ layer }: BudgetResult, { model, target }: Judged) {
  const path = visibleName(model.path, longestName);
  return [
    { name: path, kind: 'module' },
    { name: target.target.id, fullyQualifiedName: `${path}@${target.target.id}`, kind: 'target' },
    ...(layer === undefined ? [] : [{ name: visibleName(layer, longestName), kind: 'layers' }]),
  ];
}

/** Lines of code behind the layers that the value comes from, each once. */
function sourcesOf(result: BudgetResult, { target }: Judged) {
  const found = new Map<string, string>();
  for (const { row } of contributingRows(result, target.layers)) {
    if (row.source !== undefined && !found.has(row.source)) found.set(row.source, rowName(row));
  }
  return [...found].map(([source, layer], id) => {
    const { path, line } = splitSource(source);
    const physicalLocation = { ...artifact(path), region: { startLine: line } };
    return { id, physicalLocation, message: { text: `made the layer ${name(layer)}` } };
  });
}

/** The same budget of the same model is the same alert in the next run, whatever the numbers and the lines are. */
function fingerprintOf({ metric, layer, level }: BudgetResult, { model, target }: Judged): string {
  const parts = [metric, model.path, target.target.id, layer ?? '', level];
  return bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(parts)))).slice(0, 32);
}

function notificationsOf({ path, errors, warnings }: ModelReport) {
  const notifications = (level: 'error' | 'warning', sentences: readonly string[]) =>
    sentences.map((sentence) => ({
      level,
      message: { text: `${name(path)}: ${plain(sentence)}` },
      locations: [{ physicalLocation: artifact(path) }],
    }));
  return [...notifications('error', errors), ...notifications('warning', warnings)];
}

const longestName = 200;

function name(text: string): string {
  return literal(visibleName(text, longestName));
}

function plain(sentence: string): string {
  return literal(visibleSentence(sentence).replace(/\.$/, ''));
}

/** Brackets would be links and braces places of arguments (§3.11.5 and §3.11.6). */
function literal(text: string): string {
  return text.replace(/[\\[\]]/g, '\\$&').replace(/[{}]/g, '$&$&');
}
