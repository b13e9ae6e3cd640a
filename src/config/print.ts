/**
 * A resolved config as text: every default written out, everything it refers to in place, quantities in SI units. The
 * same config gives the same text, the text reads back as the same config, and the digest is of the text.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { stringify } from 'yaml';
import { budgetRows } from '../compare/budget.ts';
import type { Budget } from '../compare/comparison.ts';
import type { Quantity } from '../units.ts';
import type { Config, ModelEntry, TargetReference } from './record.ts';

export interface PrintedConfig {
  readonly text: string;
  /** SHA-256 of the text's UTF-8 bytes, hex. */
  readonly digest: string;
}

const printedBefore = new WeakMap<Config, PrintedConfig>();

export function printConfig(config: Config): PrintedConfig {
  const known = printedBefore.get(config) ?? printed(config);
  printedBefore.set(config, known);
  return known;
}

function printed(config: Config): PrintedConfig {
  const { unmeasured, comment, charts, commands, waivers } = config;
  const text = stringify(
    {
      version: 1,
      models: config.models.map(printModel),
      targets: config.targets.map(printTarget),
      budgets: config.budgets.map(printBudget),
      unmeasured,
      comment: { when: comment.when, layers: comment.layers },
      charts,
      commands: { enabled: commands.enabled, minPermission: commands.minPermission },
      waivers: { who: waivers.who, expires: `${waivers.expiresDays} days` },
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
  return { text, digest: bytesToHex(sha256(new TextEncoder().encode(text))) };
}

function printModel({ path, name, ignore, dims, inputs, rateHertz, assumeDtype }: ModelEntry) {
  return {
    path,
    ...(name === undefined ? {} : { name }),
    ...(ignore.length === 0 ? {} : { ignore }),
    ...(dims.size === 0 ? {} : { dims: sortedByKey(dims) }),
    ...(inputs.size === 0
      ? {}
      : { inputs: new Map([...sortedByKey(inputs)].map(([input, shape]) => [input, shape.join('x')])) }),
    ...(rateHertz === undefined ? {} : { rate: `${rateHertz} Hz` }),
    ...(assumeDtype === undefined ? {} : { assumeDtype }),
  };
}

function sortedByKey<Value>(entries: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function printTarget({ id, text }: TargetReference) {
  return text === undefined ? id : { file: id, text };
}

const baseUnits: Readonly<Record<Quantity, string>> = {
  size: ' B',
  memory: ' B',
  time: ' s',
  energy: ' J',
  power: ' W',
  frequency: ' Hz',
  count: '',
};

function printBudget({ metric, max, maxIncrease, target, model, layer, level, onBand, reason }: Budget) {
  const unit = baseUnits[budgetRows[metric].quantity];
  return {
    metric,
    ...(max === undefined ? {} : { max: `${max}${unit}` }),
    ...(maxIncrease === undefined ? {} : { maxIncrease: printIncrease(maxIncrease, unit) }),
    ...(target === undefined ? {} : { target }),
    ...(model === undefined ? {} : { model }),
    ...(layer === undefined ? {} : { layer }),
    level,
    onBand,
    ...(reason === undefined ? {} : { reason }),
  };
}

function printIncrease({ kind, value }: NonNullable<Budget['maxIncrease']>, unit: string): string {
  return kind === 'amount' ? `${value}${unit}` : `${exactPercent(value)}%`;
}

/** The shortest decimal that reads back as the same share: there is one, since the share was read as a percentage. */
function exactPercent(share: number): string {
  for (let digits = 1; digits <= 17; digits += 1) {
    const text = String(Number((share * 100).toPrecision(digits)));
    if (Number(text) / 100 === share) return text;
  }
  return String(share * 100);
}
