/** Target files: those that ship with the program, and a repository's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { hardwareFolder } from '../assets.ts';
import { UserError } from '../errors.ts';
import { parseTarget } from '../schedule/target-file.ts';
import { resolveTarget } from '../schedule/target-id.ts';
import type { Target } from '../schedule/target.ts';

/** Used where neither a flag nor the config names targets. */
export const defaultTargets: readonly string[] = ['rpi4-xnnpack', 'github-runner-onnxruntime'];

/** Reads a target file of the repository's own (`./hardware/our-board.yml`); throws when it is not there. */
export type ReadOwnFile = (path: string) => string;

/** The targets of a list of ids and paths, in its order. */
export function loadTargets(ids: readonly string[], readOwnFile: ReadOwnFile): readonly Target[] {
  return ids.map((id) => {
    if (!isOwnFile(id)) return shippedTarget(id);
    const [first] = parseTarget(readOwnFile(id), id);
    if (first === undefined) throw new UserError(`${id}: holds no target`);
    return first;
  });
}

/** Every version and variant of every file that ships, sorted by file name. */
export function allTargets(): readonly Target[] {
  return shippedFiles().flatMap(readShipped);
}

export function readLocalFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UserError(`${path}: cannot be read`);
  }
}

function isOwnFile(id: string): boolean {
  return /\.ya?ml$/.test(id);
}

/** A file is named as its bare id, so that one target costs reading one file. */
function shippedTarget(id: string): Target {
  const file = `${id.split(/[@:]/, 1)[0] ?? ''}.yml`;
  const targets = shippedFiles().includes(file) ? readShipped(file) : allTargets();
  return resolveTarget(id, targets);
}

function shippedFiles(): readonly string[] {
  return readdirSync(hardwareFolder)
    .filter((file) => file.endsWith('.yml'))
    .sort();
}

function readShipped(file: string): readonly Target[] {
  return parseTarget(readFileSync(new URL(file, hardwareFolder), 'utf8'), `hardware/${file}`);
}
