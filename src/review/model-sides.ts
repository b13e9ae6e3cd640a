/** The two versions of one changed model, read with what the config says of it. */
import { modelEntry, type Config, type ModelEntry } from '../config.ts';
import type { ModelReport } from '../report/report.ts';
import { readSide, type ReviewedSide, type Side } from './side.ts';

/** One changed model. It is read when the review gets to it, so a generator holds one at a time. */
export interface ReviewedModel {
  readonly path: string;
  readonly previousPath?: string;
  readonly status: ModelReport['status'];
  /** Absent: the model is new. */
  readonly base?: ReviewedSide;
  /** Absent: the model was removed. */
  readonly head?: ReviewedSide;
}

/** A file that was renamed out of the globs keeps the entry of its old path. */
export function entryOf({ path, previousPath }: ReviewedModel, config: Config): ModelEntry | undefined {
  return modelEntry(config, path) ?? (previousPath === undefined ? undefined : modelEntry(config, previousPath));
}

/** Base and head. @param download whether their compressed sizes are asked for */
export function readSides(
  model: ReviewedModel,
  entry: ModelEntry | undefined,
  download: boolean,
): readonly [Side, Side] {
  const bindings = { dims: entry?.dims ?? new Map(), inputs: entry?.inputs ?? new Map() };
  return [
    readSide(model.base, { path: model.previousPath ?? model.path, bindings, download }),
    readSide(model.head, { path: model.path, bindings, download }),
  ];
}
