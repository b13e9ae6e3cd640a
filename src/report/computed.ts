/** How the numbers came about: what is needed to trust them and to compute them again. */
import { percent } from '../units.ts';
import { printClock } from './metrics.ts';
import { code, details, list, paragraph, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';
import { isQuiet } from './ranking.ts';
import type { ModelReport, Report, TargetReport } from './report.ts';

/** Facts, then the line that replays them. */
export function computedBlocks(report: Report): readonly Block[] {
  return [
    list([...runFacts(report), ...hardwareFacts(report), ...report.models.flatMap(modelFacts)]),
    code('sh', report.replay),
  ];
}

/** What the replay reads: the config, and the waivers where there are any. */
export function configBlocks({ config, configDigest, waivers = [] }: Report): readonly Block[] {
  const title: Phrase = ['Resolved config (', named(configDigest, 20), '), the file that the replay reads'];
  const lines = waivers.map((waiver) => `  ${JSON.stringify(waiver)}`).join(',\n');
  return [
    details(title, [code('yaml', config)]),
    ...(waivers.length === 0
      ? []
      : [details([named('waivers.json'), ', which the replay reads too'], [code('json', `[\n${lines}\n]`)])]),
  ];
}

function runFacts({ tool, base, head, configDigest, evaluatedOn, notes, models }: Report): readonly Phrase[] {
  const mergeBase: Phrase = base.mergeBase === null ? [] : [', merge base ', named(base.mergeBase)];
  const waivers: Phrase = evaluatedOn === null ? [] : [', waivers as of ', named(evaluatedOn)];
  return [
    ['base ', ...side(base), ...mergeBase, '; head ', ...side(head)],
    ['model-budget ', named(tool.version), ', config ', named(configDigest), ...waivers],
    // Told at the top where there is anything else to tell.
    ...(models.length > 0 && models.every(isQuiet) ? notes.map((note): Phrase => [said(note)]) : []),
  ];
}

function side({ ref, sha }: { readonly ref: string | null; readonly sha: string | null }): Phrase {
  const parts = [ref, sha].filter((part) => part !== null).map((part): Phrase => [named(part)]);
  return parts.length === 0 ? ['files'] : joined(parts, ' ');
}

function modelFacts(model: ModelReport): readonly Phrase[] {
  const path = named(model.path);
  const facts = [
    ...(model.previousPath === undefined ? [] : [[path, ' was ', named(model.previousPath)]]),
    ...(isQuiet(model) ? model.warnings.map((warning): Phrase => [path, ': ', said(warning)]) : []),
  ];
  return [...facts, ...model.targets.flatMap((target) => targetFacts(model, target))];
}

/** Each target once, however many models ran on it. */
function hardwareFacts(report: Report): readonly Phrase[] {
  const targets = report.models.flatMap((model) => model.targets.map(({ target }) => target));
  const byId = new Map(targets.map((target) => [target.id, target]));
  return [...byId.values()].map(({ id, name, status, runtime, clockHertz }): Phrase => [
    ...[named(id), ': ', named(name), ` (${status}), `, named(runtime), `, ${printClock(clockHertz)}`],
  ]);
}

function targetFacts(
  model: ModelReport,
  { target, assumptions, coverage, unknownOperators }: TargetReport,
): readonly Phrase[] {
  const unknown: Phrase =
    unknownOperators.length === 0 ? [] : ['unknown operators: ', ...joined(unknownOperators.map(unknownPhrase), ', ')];
  const facts = [
    ...assumptions.map((assumption): Phrase => [said(assumption)]),
    ...(coverage < 1 && assumptions.length + unknown.length > 0
      ? [[`coverage ${percent(coverage)} of the nodes`]]
      : []),
    unknown,
  ].filter((fact) => fact.length > 0);
  return facts.length === 0 ? [] : [[named(model.path), ' on ', named(target.id), ': ', ...joined(facts, '; ')]];
}

export function unknownPhrase({ operator, count }: { readonly operator: string; readonly count: number }): Phrase {
  return [named(operator), ` ×${count}`];
}

/** What the bands are, in one line. */
export function bandsBlock(): Block {
  return paragraph(
    'Estimates of a simulator, not measurements. A band (±) holds 80% of cases: the error of the target’s own validation where it has one, else the propagated uncertainty of its numbers. Base and head were computed now, with the same version.',
  );
}
