/** Runs a command over several models and targets: a bad one is told and the rest goes on. */
import { UserError } from '../errors.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';
import { readModel } from '../formats/index.ts';
import { prepare } from '../passes/index.ts';
import type { Bindings, PreparedModel, UnboundDimension } from '../passes/prepared.ts';
import { errorDocument } from '../report/error-document.ts';
import { remark, writeOutput } from './output.ts';
import { fileSnapshot, modelSources } from './snapshot.ts';
import type { CommonOptions } from './options.ts';
import { jsonLine } from '../report/json-line.ts';

/** What a command makes of one model: one text per target, or one for all. */
export type Work = (
  model: Model,
  path: string,
  sources: ModelSources,
) => readonly string[] | Promise<readonly string[]>;

/** Exit code: 2 when any model could not be read, else 0. */
export async function eachModel(paths: readonly string[], options: CommonOptions, work: Work): Promise<number> {
  const documents: string[] = [];
  let exitCode = 0;
  for (const path of paths) {
    try {
      documents.push(...(await withModel(path, options, work)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      exitCode = 2;
      if (options.format === 'json') documents.push(jsonLine(errorDocument(path, error.message)));
      remark(`error: ${error.message}`);
    }
  }
  if (documents.length > 0) writeOutput(documents.join('\n'), options.output);
  return exitCode;
}

async function withModel(path: string, options: CommonOptions, work: Work): Promise<readonly string[]> {
  const { snapshot, name } = fileSnapshot(path);
  try {
    const sources = modelSources(snapshot, name);
    const model = readModel(sources, path);
    if (options.quiet !== true) for (const warning of model.warnings) remark(`warning: ${path}: ${warning}`);
    return await work(model, path, sources);
  } finally {
    snapshot.close();
  }
}

/** Prepares a model for compiling; a dimension without a value is a `UserError` with the flag that sets it. */
export function prepareBound(model: Model, path: string, bindings: Bindings): PreparedModel {
  const prepared = prepare(model, bindings);
  if (prepared.unbound.length > 0) throw new UserError(unboundMessage(path, prepared.unbound));
  return prepared;
}

/** One line for all unbound dimensions of a model: which they are and a flag to copy. */
export function unboundMessage(path: string, unbound: readonly UnboundDimension[]): string {
  const inputs = [...new Set(unbound.map(({ input, declared }) => `${input} (${declared})`))];
  const symbols = [...new Set(unbound.map(({ symbol }) => symbol).filter((symbol) => symbol !== ''))];
  const shapes = [...new Set(unbound.map(({ input }) => input))].map((input) => `--input '${input}=…x…'`);
  const flags =
    symbols.length > 0
      ? `${symbols.map((name) => `--dim '${name}=…'`).join(' ')} or ${shapes.join(' ')}`
      : shapes.join(' ');
  return `${path}: dynamic dimensions need values in ${inputs.join(', ')}; give ${flags}`;
}
