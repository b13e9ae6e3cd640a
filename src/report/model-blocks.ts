/** What is told of a model and of a target around their tables. */
import { printQuantity } from '../units.ts';
import { metricDescriptions } from './metrics.ts';
import { list, paragraph, type Block } from './page.ts';
import { joined, named, said, strong, type Phrase } from './phrase.ts';
import type { ModelReport, TargetReport } from './report.ts';

/** ` (new)`, ` (was old.onnx)` */
export function modelStatus({ status, previousPath }: ModelReport): Phrase {
  if (status === 'added') return [' (new)'];
  if (status === 'removed') return [' (removed)'];
  return previousPath === undefined ? [] : [' (was ', named(previousPath), ')'];
}

export function errorBlocks({ errors, warnings }: ModelReport): readonly Block[] {
  const items = [
    ...errors.map((error): Phrase => ['❔ ', said(error)]),
    ...warnings.map((warning): Phrase => ['⚠️ ', said(warning)]),
  ];
  return items.length === 0 ? [] : [list(items)];
}

/** What a slash command would confirm. */
export function suggestionBlocks({ suggestions }: TargetReport): readonly Block[] {
  if (suggestions.length === 0) return [];
  const items = suggestions.slice(0, 3).map(({ edits, totals }): Phrase => {
    const figures = metricDescriptions.flatMap(({ key, label, quantity }): readonly Phrase[] => {
      const value = totals[key];
      return value === undefined ? [] : [[`${label.toLowerCase()} ${printQuantity(value, quantity)}`]];
    });
    return [named(`/simulate ${edits}`, 600), ' → ', ...joined(figures, ', ')];
  });
  return [paragraph(strong('Smallest edits that meet the budget'), ' (simulated)'), list(items)];
}

/** `ethos-u55-256 (datasheet), assumed int8` */
export function targetLine({ target, assumptions, totals }: TargetReport): Block {
  const assumed = assumptions.filter(
    (assumption) => assumption.includes('assumed ') || assumption.startsWith('weights'),
  );
  const band = totals.latencySeconds.band === null ? '' : '; ± is an 80% band';
  return paragraph(
    'On ',
    named(target.id),
    ` (${target.status})`,
    ...assumed.flatMap((words): Phrase => [', ', said(words)]),
    band,
  );
}
