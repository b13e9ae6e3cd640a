/** What keeps the models of the working tree from being measured, under its config. */
import { appliesTo, budgetRows } from '../../compare/budget.ts';
import { modelEntry, type Config } from '../../config.ts';
import { visibleName, visibleSentence } from '../../report/inert.ts';
import { dimensionFlags, dimensionLines, yamlText } from '../yaml-text.ts';
import type { SurveyedModel } from '../survey.ts';
import { finding, quoted, type Finding } from './finding.ts';

export function modelFindings(model: SurveyedModel, config: Config): readonly Finding[] {
  const path = quoted(visibleName(model.path, 120));
  // Git LFS is looked at apart.
  if (model.kind === 'pointer') return [];
  if (model.kind === 'unreadable') {
    return [finding('model-unreadable', 'warning', `${path}: ${visibleSentence(model.reason)}`)];
  }
  return [...dimensionFindings(model, config, path), ...operatorFindings(model, config, path)];
}

type ReadModel = Extract<SurveyedModel, { kind: 'read' }>;

/** A budget that cannot be judged fails the check. */
function consequence(config: Config, path: string): 'error' | 'warning' {
  const name = modelEntry(config, path)?.name;
  const names = { path, ...(name === undefined ? {} : { name }) };
  const applies = config.budgets.some(
    (budget) =>
      budget.level === 'error' &&
      !budgetRows[budget.metric].ofFile &&
      appliesTo(budget, { ...names, target: budget.target === undefined ? [] : [budget.target] }),
  );
  return applies && config.unmeasured === 'fail' ? 'error' : 'warning';
}

function dimensionFindings({ path, prepared }: ReadModel, config: Config, shown: string): readonly Finding[] {
  const { unbound } = prepared;
  if (unbound.length === 0) return [];
  const entry = modelEntry(config, path);
  const isOwn = entry !== undefined && config.models.includes(entry);
  const keys = dimensionLines(unbound).map((line) => `    ${line}`);
  const place = isOwn ? `the entry ${quoted(entry.path)} of \`models\`` : '`models`';
  const message = `${shown}: dimensions without a value, so only its size is judged: give yours in ${place} (or ${dimensionFlags(unbound).replaceAll('`', "'")})`;
  const lines = [...(isOwn ? [] : ['models:']), `  - path: ${yamlText(isOwn ? entry.path : path)}`, ...keys];
  return [finding('model-dimensions', consequence(config, path), message, lines)];
}

function operatorFindings({ path, prepared }: ReadModel, config: Config, shown: string): readonly Finding[] {
  const { unknownOperators } = prepared;
  if (unknownOperators.length === 0) return [];
  const names = unknownOperators.slice(0, 5).map(({ operator, count }) => `${quoted(operator)} ×${String(count)}`);
  const more = unknownOperators.length > names.length ? ' …' : '';
  const message = `${shown}: unknown operators, so only size, download, weights and parameters are judged: ${names.join(', ')}${more}`;
  return [finding('model-operators', consequence(config, path), message)];
}
