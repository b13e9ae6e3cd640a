/** The models of the working tree, each as far as it can be read. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { LfsPointer } from '../files/lfs-pointer.ts';
import { readModel } from '../formats/index.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';
import { prepare } from '../passes/index.ts';
import type { Bindings, PreparedModel } from '../passes/prepared.ts';
import type { IsModel } from '../review/changed-models.ts';
import { isPackage, outsidePackages, packageManifest, packageOf } from '../review/packages.ts';
import { fittingBindings } from '../review/side.ts';
import { listWorkingFiles, type Repository } from './git.ts';
import { isPointer, modelSources, openModel, type Snapshot } from './snapshot.ts';

/** Files that are there, links left out; relative to the repository, sorted. */
export function workingFiles(repository: Repository): readonly string[] {
  const isThere = (path: string) =>
    lstatSync(join(repository.root, path), { throwIfNoEntry: false })?.isFile() === true;
  return [...new Set(listWorkingFiles(repository))].filter(isThere).sort();
}

/** Models among the files: single ones, and packages by their folders. */
export function modelPaths(files: readonly string[], isModel: IsModel): readonly string[] {
  const packages = files.flatMap((path) => {
    const folder = packageOf(path);
    return folder !== undefined && path === `${folder}/${packageManifest}` ? [folder] : [];
  });
  return [...outsidePackages(files), ...packages].filter(isModel).sort();
}

export type SurveyedModel =
  | {
      readonly kind: 'read';
      readonly path: string;
      readonly model: Model;
      readonly sources: ModelSources;
      readonly prepared: PreparedModel;
    }
  /** Git LFS has not fetched it. */
  | { readonly kind: 'pointer'; readonly path: string; readonly pointer: LfsPointer }
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string };

/** Sources are of the snapshot: they end with it. */
export function surveyModel(snapshot: Snapshot, path: string, bindings: Bindings): SurveyedModel {
  try {
    const found = openModel(snapshot, path);
    if (found === undefined) return { kind: 'unreadable', path, reason: 'not a regular file' };
    if (isPointer(found)) return { kind: 'pointer', path, pointer: found };
    const sources = modelSources(snapshot, path);
    const model = readModel(sources, path);
    const prepared = prepare(model, fittingBindings(model, bindings));
    return { kind: 'read', path, model, sources, prepared };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kind: 'unreadable', path, reason: withoutPath(error.message, path) };
  }
}

function withoutPath(message: string, path: string): string {
  return message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
}

/** Formats that no reader knows; the config may name them, for their sizes alone. */
export function isClosedFormat(path: string): boolean {
  return /\.(pt|pth|safetensors|gguf|keras|h5|ort|pte)$/i.test(path) && !isPackage(path);
}
