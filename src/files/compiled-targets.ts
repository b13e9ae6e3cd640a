/**
 * Targets as the build checked them. Reading the YAML of a target that ships, and loading what checks it, would take a
 * fifth of the time of simulating a small model; the result is the same each time.
 */
import { existsSync, readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import type { Target } from '../schedule/target.ts';

/** What `build.mjs` writes for each target file. */
interface CompiledFile {
  /** The YAML that the targets were read from, whole. */
  readonly text: string;
  readonly targets: readonly Target[];
}

/** The targets of a YAML file; undefined where the build has not seen exactly this text. */
export function compiledTargets(file: URL, text: string): readonly Target[] | undefined {
  if (!existsSync(file)) return undefined;
  const compiled = readCompiled(file);
  return compiled?.text === text ? compiled.targets : undefined;
}

/** A build by a newer Node.js may have written what an older one does not read; the YAML is there in any case. */
function readCompiled(file: URL): CompiledFile | undefined {
  try {
    return deserialize(readFileSync(file)) as CompiledFile;
  } catch {
    return undefined;
  }
}
