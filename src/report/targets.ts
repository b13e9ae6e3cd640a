/** Targets for people and programs: what they are, how far to trust them, where every number comes from. */
import type { ComputeUnit, OperatorSupport, Target } from '../schedule/target.ts';
import { percent, printQuantity } from '../units.ts';
import { printClock } from './metrics.ts';
import { heading, list, paragraph, table, type Block } from './page.ts';
import { named, said, type Phrase } from './phrase.ts';
import { printText } from './print-text.ts';

export interface TargetDocument extends Omit<Target, 'units' | 'support' | 'assumedType'> {
  readonly schema: 'model-budget/targets@1';
  /** `overlapNorm` is `perfect` where transfers hide behind the arithmetic completely. */
  readonly units: readonly (Omit<ComputeUnit, 'overlapNorm'> & { readonly overlapNorm: number | 'perfect' })[];
  readonly support: Omit<Target['support'], 'operators'> & {
    readonly operators: readonly ({ readonly operator: string } & OperatorSupport)[];
  };
  /** Null where float models are taken as they are. */
  readonly assumedType: Target['assumedType'] | null;
}

export function targetDocument(target: Target): TargetDocument {
  const { id, hardware, variant, name, status, runtime, memories, plan, fusion, energy } = target;
  return {
    schema: 'model-budget/targets@1',
    ...{ id, hardware, variant, name, class: target.class, status, runtime },
    units: target.units.map((unit) => ({
      ...unit,
      overlapNorm: Number.isFinite(unit.overlapNorm) ? unit.overlapNorm : 'perfect',
    })),
    ...{ memories, plan },
    support: { ...target.support, operators: operatorRows(target) },
    ...{ fusion, assumedType: target.assumedType ?? null, energy },
    ...{ invokeSeconds: target.invokeSeconds, validation: target.validation, provenance: target.provenance },
  };
}

function operatorRows(target: Target): readonly ({ readonly operator: string } & OperatorSupport)[] {
  const rows = [...target.support.operators].map(([operator, support]) => ({ operator, ...support }));
  return rows.sort((a, b) => (a.operator < b.operator ? -1 : 1));
}

/** One line per target. */
export function targetListText(targets: readonly Target[]): string {
  const rows = targets.map((target): readonly Phrase[] => [
    [named(target.id)],
    [target.status],
    [named(target.name)],
    [named(runtimeWords(target))],
    errorCells(target, 'latency'),
    errorCells(target, 'energy'),
  ]);
  return printText([
    table(['target', 'status', 'hardware', 'runtime', '>latency error', '>energy error'], rows),
    paragraph('Errors: median over model families that no number was fitted to; – where nothing was measured.'),
    paragraph(
      'calibrated: fitted to measurements and checked on others; datasheet: from published figures; estimate: neither.',
    ),
  ]);
}

function errorCells(target: Target, metric: 'latency' | 'energy'): Phrase {
  const found = target.validation.find((row) => row.metric === metric);
  return [found === undefined ? '–' : `±${percent(found.medianAbsoluteError)}`];
}

function runtimeWords({ runtime }: Target): string {
  return `${runtime.name} ${runtime.version}${runtime.threads > 1 ? `, ${runtime.threads} threads` : ''}`;
}

/** The data sheet of one target. */
export function targetText(target: Target): string {
  return `${printText([
    heading(3, [named(target.id), ': ', named(target.name)]),
    list(facts(target)),
    unitTable(target),
    memoryTable(target),
    ...supportBlocks(target),
    ...validationBlocks(target),
    ...provenanceBlocks(target),
  ])}\n`;
}

function facts(target: Target): readonly Phrase[] {
  const { plan, energy } = target;
  const watts = (value: number): string => printQuantity(value, 'power');
  return [
    ['class ', target.class, ', status ', target.status],
    [
      'runtime ',
      named(runtimeWords(target)),
      `, one inference costs ${printQuantity(target.invokeSeconds, 'time')} beside its layers`,
    ],
    [
      'activations in ',
      named(plan.activations),
      ', weights in ',
      named(plan.weights),
      ', buffers placed ',
      plan.allocator,
    ],
    [
      `power: ${watts(energy.staticWatts)} static, ${watts(energy.idleWatts)} between inferences`,
      energy.activeWatts === undefined ? '' : `, ${watts(energy.activeWatts)} measured while running`,
    ],
    ['fuses ', target.fusion.length === 0 ? 'nothing' : target.fusion.join(', ')],
    [
      target.assumedType === undefined
        ? 'float models are taken as they are'
        : `float models are assumed to ship in ${target.assumedType}`,
    ],
  ];
}

function unitTable(target: Target): Block {
  const rows = target.units.map((unit): readonly Phrase[] => [
    [named(unit.id)],
    [unit.kind],
    [String(unit.cores)],
    [printClock(unit.clockHertz)],
    [macRates(unit)],
    [printQuantity(unit.dispatchSeconds, 'time')],
  ]);
  return table(['unit', 'kind', '>cores', '>clock', 'MACs a cycle and core', '>start of a kernel'], rows);
}

function macRates(unit: ComputeUnit): string {
  return Object.entries(unit.macsPerCycle)
    .map(([type, rate]) => `${type} ${rate}`)
    .join(', ');
}

function memoryTable(target: Target): Block {
  const rows = target.memories.map((memory): readonly Phrase[] => [
    [named(memory.id)],
    [printQuantity(memory.capacityBytes, 'memory')],
    [`${printQuantity(memory.bandwidthBytesPerSecond, 'size')}/s`],
    [percent(memory.efficiency)],
    [perByte(memory.readJoulesPerByte), ' / ', perByte(memory.writeJoulesPerByte)],
  ]);
  return table(['memory', '>capacity', '>bandwidth', '>reached', '>read / write energy a byte'], rows);
}

function perByte(joules: number): string {
  return `${(joules * 1e12).toPrecision(3)} pJ`;
}

function supportBlocks(target: Target): readonly Block[] {
  const { support } = target;
  const { fallbackUnit } = support;
  const elsewhere: Phrase =
    fallbackUnit === undefined
      ? ['cannot run']
      : ['runs on ', named(fallbackUnit), ` (partition: ${support.partition})`];
  const intro: Phrase = support.anyOperator
    ? ['Runs every operator; these rows have limits.']
    : ['Runs these operators; anything else ', ...elsewhere, '.'];
  const rows = operatorRows(target).map((row): readonly Phrase[] => [
    [named(row.operator)],
    [row.types.join(', ')],
    [said(limitWords(row))],
  ]);
  if (rows.length === 0) return [paragraph(support.anyOperator ? 'Runs every operator.' : 'Runs no operator.')];
  return [paragraph(...intro), table(['operator', 'types', 'limits'], rows)];
}

function limitWords(row: OperatorSupport): string {
  const limits = [
    row.maximumKernel === undefined ? '' : `kernel up to ${row.maximumKernel.join('×')}`,
    row.maximumKernelArea === undefined ? '' : `kernel area up to ${row.maximumKernelArea}`,
    row.kernelSizes === undefined ? '' : `kernel ${row.kernelSizes.map((size) => size.join('×')).join(' or ')}`,
    row.maximumChannels === undefined ? '' : `up to ${row.maximumChannels} channels`,
    row.maximumStride === undefined ? '' : `stride up to ${row.maximumStride}`,
    row.strides === undefined ? '' : `stride ${row.strides.join(' or ')}`,
    row.maximumRank === undefined ? '' : `rank up to ${row.maximumRank}`,
    row.dilation === false ? 'no dilation' : '',
    row.constantWeights === true ? 'constant weights' : '',
    row.grouped === undefined || row.grouped === 'any' ? '' : groupWords[row.grouped],
    ...Object.entries(row.attributes ?? {}).map(([name, values]) => `${name} ${values.join(' or ')}`),
  ];
  return limits.filter((limit) => limit !== '').join('; ');
}

const groupWords = { none: 'no groups', depthwise: 'groups only where depthwise' } as const;

function validationBlocks(target: Target): readonly Block[] {
  if (target.validation.length === 0) {
    return [paragraph('No measurement checks these estimates; bands come from the uncertainty of the numbers below.')];
  }
  const rows = target.validation.map((row): readonly Phrase[] => [
    [row.metric],
    [percent(row.medianAbsoluteError)],
    [`${row.band[0].toFixed(2)} to ${row.band[1].toFixed(2)}`],
    [String(row.rows)],
    [said(row.families.join(', '))],
    [said(row.source)],
  ]);
  return [
    paragraph('Checked against measurements of model families that no number was fitted to.'),
    table(['metric', '>median error', '>measured / estimated, 80%', '>rows', 'families', 'source'], rows),
  ];
}

function provenanceBlocks(target: Target): readonly Block[] {
  const rows = target.provenance.map((number): readonly Phrase[] => [
    [named(number.path)],
    [String(number.value)],
    [number.kind],
    [`±${percent(number.sigma)}`],
    [said(number.source)],
  ]);
  return [
    paragraph('Every number, with its kind and source.'),
    table(['number', '>value', 'kind', '>sigma', 'source'], rows),
  ];
}
