/** Changed models reviewed one by one: from an earlier review of the same contents, else fetched and simulated. */
import { printConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { programDigest } from '../files/program-digest.ts';
import { externalPaths, readModel } from '../formats/index.ts';
import { reviewModel, type ReviewedModel, type ReviewInput, type TracedModel } from '../review.ts';
import type { Change } from '../review/changed-models.ts';
import type { ChangeRange } from './changes.ts';
import { openModels, type Fetching } from './models.ts';
import { openResults, targetDigest, type Results, type ResultStore } from './results.ts';

export interface ModelsRequest {
  readonly files: ChangeRange;
  readonly input: Omit<ReviewInput, 'models'>;
  readonly store: ResultStore | undefined;
}

/** In the order of the changes. */
export async function reviewModels(
  fetching: Fetching,
  changed: readonly Change[],
  { files, input, store }: ModelsRequest,
): Promise<readonly TracedModel[]> {
  const context = { files, circumstances: circumstancesOf(input), hasPage: input.page !== undefined };
  const results = store && openResults(fetching.github, store, context);
  const reviewed = new Map<Change, TracedModel>();
  for (const change of changed) {
    const found = await results?.find(change);
    if (found !== undefined && found !== null) reviewed.set(change, found);
  }
  const missing = changed.filter((change) => !reviewed.has(change));
  if (missing.length < changed.length) {
    fetching.github.log(`${changed.length - missing.length} of ${changed.length} models were reviewed before`);
  }
  const { models, close } = await openModels(fetching, files, { changed: missing, judgedBy: input.config });
  try {
    for (const [index, model] of models.entries()) {
      const change = missing[index]!;
      // While this one was fetched, another job of this thread may have computed it.
      const found = await results?.find(change);
      const traced = found ?? reviewModel(model, input);
      reviewed.set(change, traced);
      if (traced !== found) await keep(results, change, model, traced);
    }
  } finally {
    close();
  }
  return changed.map((change) => reviewed.get(change)!);
}

async function keep(
  results: Results | undefined,
  change: Change,
  model: ReviewedModel,
  traced: TracedModel,
): Promise<void> {
  if (results === undefined) return;
  const external = [model.base, model.head].flatMap((side) => externalOf(change.path, side));
  await results.keep(change, [...new Set(external)].sort(), traced);
}

/** Relative to the model's folder; none of what is no model of a known format. */
function externalOf(path: string, side: ReviewedModel['head']): readonly string[] {
  if (side === undefined || 'error' in side) return [];
  try {
    return externalPaths(readModel(side.sources, path));
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/** Everything that decides what a report says of a model, besides its files. */
function circumstancesOf({ config, targets, waivers = [], evaluatedOn }: ModelsRequest['input']): readonly string[] {
  return [
    programDigest(),
    printConfig(config).digest,
    ...targets.map(targetDigest),
    JSON.stringify(waivers),
    // A day only ends waivers.
    waivers.length === 0 ? '' : (evaluatedOn ?? ''),
  ];
}
