/** The config that fits a repository, with everything that nobody but its people can decide as comments. */
import { pathGlob } from '../../glob.ts';
import { visibleName, visibleSentence } from '../../report/inert.ts';
import { printLimit } from '../../report/metrics.ts';
import { printQuantity, type Quantity } from '../../units.ts';
import { dimensionFlags, dimensionLines, yamlText } from '../yaml-text.ts';
import { extensionOf, proposeGlobs } from './globs.ts';
import type { MeasuredModel } from './measured.ts';

export interface Findings {
  readonly models: readonly MeasuredModel[];
  /** Files of formats that no reader knows. */
  readonly closed: readonly string[];
  /** Ids of the targets that were measured on. */
  readonly targets: readonly string[];
  /** A few that ship besides those. */
  readonly otherTargets: readonly string[];
}

/** Lines of comments about single models: beyond that nobody reads them. */
const mostModels = 10;

/** Limits are proposed this far above what is measured today. */
const headroom = 1.1;

export function configText(findings: Findings): string {
  const lines = [
    '# What model-budget judges in this repository: read from the base branch, never from the change.',
    '# `model-budget lint` checks this file; docs/config.md of model-budget has every key.',
    'version: 1',
    ...modelLines(findings),
    ...targetLines(findings),
    ...budgetLines(findings),
  ];
  return `${lines.join('\n')}\n`;
}

function modelLines({ models, closed }: Findings): readonly string[] {
  const others = proposeGlobs(closed).map(
    (glob) => `  # - path: ${yamlText(glob)} # only size and download are known of it`,
  );
  if (models.length === 0) {
    const entries = others.length > 0 ? ['# models:', ...others.map((line) => line.replace('  #', '#  '))] : [];
    return [
      '# No model was found. Without `models` every ONNX, TFLite and Core ML file that comes is one.',
      ...entries,
    ];
  }
  return [
    'models:',
    ...proposeGlobs(models.map(({ path }) => path)).flatMap((glob) => entryLines(glob, models)),
    ...others,
  ];
}

function entryLines(glob: string, models: readonly MeasuredModel[]): readonly string[] {
  const extension = extensionOf(glob);
  const ours = models.filter(({ path }) => pathGlob(glob)(path) && extensionOf(path) === extension);
  const open = ours.filter(({ unbound }) => unbound.length > 0);
  const unbound = open.flatMap((model) => model.unbound);
  const problems = ours.flatMap(({ path, problem }) => (problem === undefined ? [] : [{ path, problem }]));
  const names = open.slice(0, 3).map(({ path }) => visibleName(path, 80));
  const more = open.length > names.length ? ` and ${open.length - names.length} more` : '';
  return [
    `  - path: ${yamlText(glob)}`,
    ...(open.length === 0
      ? []
      : [
          `    # ${names.join(', ')}${more}: until dimensions have a value, only the size is known. Put yours for the 1s:`,
          ...dimensionLines(unbound).map((line) => `    # ${line}`),
          `    # On the command line: ${visibleSentence(dimensionFlags(unbound))}`,
        ]),
    ...problems
      .slice(0, mostModels)
      .map(({ path, problem }) => `    # ${visibleName(path, 80)} is not measured: ${visibleSentence(problem)}`),
  ];
}

function targetLines({ targets, otherTargets }: Findings): readonly string[] {
  return [
    'targets:',
    '  # The defaults: the hardware that you ship on is yours to name. `model-budget targets` lists all that are known,',
    '  # `model-budget targets <id>` tells how far each can be trusted; a file of your own (./hardware/board.yml) works too.',
    ...targets.map((id) => `  - ${yamlText(id)}`),
    ...otherTargets.map((id) => `  # - ${yamlText(id)}`),
  ];
}

function budgetLines(findings: Findings): readonly string[] {
  const { models } = findings;
  const isMeasured = ({ figures }: MeasuredModel) => figures.length > 0;
  const sized = models.every(({ fileBytes }) => fileBytes !== null);
  const timed = models.every(isMeasured);
  return [
    'budgets:',
    '  # Against the base, so they hold today whatever the models are.',
    `  - { metric: size, maxIncrease: 5%${sized ? '' : ', level: warn'} }`,
    `  - { metric: latency, maxIncrease: 5%${timed ? '' : ', level: warn'} }`,
    ...(sized && timed
      ? []
      : ['  # level: warn, since not every model can be measured yet: what is not measured would fail the check.']),
    ...limitLines(findings),
  ];
}

/** Proposals, commented out: a limit is a decision. */
function limitLines({ models }: Findings): readonly string[] {
  const measured = models.filter(({ fileBytes }) => fileBytes !== null);
  const shown = measured.slice(0, mostModels);
  if (shown.length === 0) return [];
  const left = measured.length - shown.length;
  return [
    "  # Limits that today's models meet with room to spare:",
    ...shown.flatMap(limitsOf),
    ...(left > 0 ? [`  # … and ${left} more models; \`model-budget simulate <model>\` gives their figures.`] : []),
  ];
}

function limitsOf({ path, fileBytes, figures }: MeasuredModel): readonly string[] {
  // A glob means what its characters mean; a path with such characters is better named by hand.
  const model = /^[\w. /@+-]{1,256}$/.test(path) ? `, model: ${yamlText(path)}` : undefined;
  if (model === undefined) return [];
  const line = (metric: string, value: number, quantity: Quantity, target = ''): readonly string[] =>
    value <= 0
      ? []
      : [
          `  # - { metric: ${metric}, max: ${printLimit(value * headroom, quantity)}${model}${target} } # ${printQuantity(value, quantity)} today`,
        ];
  return [
    ...line('size', fileBytes ?? 0, 'size'),
    ...figures.flatMap(({ target, latencySeconds, peakMemoryBytes }) => [
      ...line('latency', latencySeconds, 'time', `, target: ${yamlText(target)}`),
      ...line('peak-memory', peakMemoryBytes, 'memory', `, target: ${yamlText(target)}`),
    ]),
  ];
}
