/** Target files: those that ship with the program, and a repository's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { compiledTargetsFolder, hardwareFolder } from '../assets.ts';
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import { resolveTarget } from '../schedule/target-id.ts';
import type { Target } from '../schedule/target.ts';
import { compiledTargets } from './compiled-targets.ts';
import { reasonOf } from './file-source.ts';

/** Used where neither a flag nor the config names targets. */
export const defaultTargets: readonly string[] = ['rpi4-xnnpack', 'github-runner-onnxruntime'];

/** Reads a target file of the repository's own (`./hardware/our-board.yml`); throws when it is not there. */
export type ReadOwnFile = (path: string) => string;

/** The targets of a list of ids and paths, in its order. */
export async function loadTargets(ids: readonly string[], readOwnFile: ReadOwnFile): Promise<readonly Target[]> {
  const targets: Target[] = [];
  for (const id of ids) targets.push(isOwnFile(id) ? await ownTarget(id, readOwnFile) : await shippedTarget(id));
  return targets;
}

/** The targets of the config at `configPath`, in its order; files are given by their text. */
export async function targetsOf(references: Config['targets'], configPath: string): Promise<readonly Target[]> {
  const targets: Target[] = [];
  for (const reference of references) {
    const { id, text } = reference;
    try {
      targets.push(text === undefined ? await shippedTarget(id) : await ownTarget(id, () => text));
    } catch (error) {
      throw atLine(error, reference, configPath);
    }
  }
  return targets;
}

/** What is wrong with a target is told with the line of the config that names it; a flag has none. */
export function atLine(error: unknown, { line }: Config['targets'][number], configPath: string): unknown {
  if (!(error instanceof UserError) || line === undefined) return error;
  return new UserError(`${configPath}:${line}: ${error.message}`);
}

/** Every version and variant of every file that ships, sorted by file name. */
export async function allTargets(): Promise<readonly Target[]> {
  return (await Promise.all(shippedFiles().map(readShipped))).flat();
}

export function readLocalFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`${path}: cannot be read: ${reasonOf(error)}`);
  }
}

function isOwnFile(id: string): boolean {
  return /\.ya?ml$/.test(id);
}

async function ownTarget(path: string, readOwnFile: ReadOwnFile): Promise<Target> {
  const [first] = await parseYaml(readOwnFile(path), path);
  if (first === undefined) throw new UserError(`${path}: holds no target`);
  return first;
}

/** A file is named as its bare id, so that one target costs reading one file. */
async function shippedTarget(id: string): Promise<Target> {
  const file = `${id.split(/[@:]/, 1)[0] ?? ''}.yml`;
  const targets = await (shippedFiles().includes(file) ? readShipped(file) : allTargets());
  return resolveTarget(id, targets);
}

let names: readonly string[] | undefined;

function shippedFiles(): readonly string[] {
  names ??= readdirSync(hardwareFolder)
    .filter((file) => file.endsWith('.yml'))
    .sort();
  return names;
}

/** By file. They ship with the program, so that they stay as they are while it runs. */
const shipped = new Map<string, Promise<readonly Target[]>>();

function readShipped(file: string): Promise<readonly Target[]> {
  const targets = shipped.get(file) ?? readAnew(file);
  shipped.set(file, targets);
  return targets;
}

async function readAnew(file: string): Promise<readonly Target[]> {
  const text = readFileSync(new URL(file, hardwareFolder), 'utf8');
  const compiled = compiledTargets(new URL(`${file}.bin`, compiledTargetsFolder), withBase(text));
  return compiled ?? (await parseYaml(text, `hardware/${file}`));
}

/** What a file that ships was built from: its text, and that of the base file that it names. */
function withBase(text: string): string {
  const name = /^extends: *(\S+)/m.exec(text)?.[1];
  return name === undefined ? text : `${text}\n${shippedBase(name) ?? ''}`;
}

/** What several target files have in common. */
export function shippedBase(name: string): string | undefined {
  const file = `${name}.yml`;
  const folder = new URL('bases/', hardwareFolder);
  return readdirSync(folder).includes(file) ? readFileSync(new URL(file, folder), 'utf8') : undefined;
}

/** Loaded when needed: the reader of YAML and its schemas are most of the start of a command. */
async function parseYaml(text: string, path: string): Promise<readonly Target[]> {
  const { parseTarget } = await import('../schedule/target-file.ts');
  return parseTarget(text, path, shippedBase);
}
