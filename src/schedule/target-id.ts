/** Finds a target by its id: `<hardware>[-<runtime>][@<version>][:<system>[:<memory>]]`. */
import { UserError } from '../errors.ts';
import { didYouMean } from '../near-miss.ts';
import type { Target } from './target.ts';

/**
 * The first target that the id fits. Targets of one file stand newest version and first variant first, as
 * `parseTarget` returns them, so what an id leaves out is the newest and the first.
 *
 * @throws UserError that names what is nearest (an id, a version, a variant).
 */
export function resolveTarget(id: string, targets: readonly Target[]): Target {
  const match = /^(?<hardware>[^@:]*)(?:@(?<version>[^:]*))?(?::(?<variant>.*))?$/.exec(id);
  const { hardware = '', version, variant } = match?.groups ?? {};
  const family = targets.filter((target) => target.hardware === hardware);
  if (family.length === 0) {
    const known = [...new Set(targets.map((target) => target.hardware))];
    throw new UserError(
      `unknown target "${shown(id)}"${didYouMean(hardware, known)}; known are ${known.sort().join(', ')}`,
    );
  }
  const ofVersion = family.filter((target) => version === undefined || target.runtime.version === version);
  if (ofVersion.length === 0) {
    const versions = [...new Set(family.map((target) => target.runtime.version))];
    throw new UserError(`target "${hardware}" has no version "${shown(version ?? '')}"; it has ${versions.join(', ')}`);
  }
  const found = ofVersion.find((target) => variant === undefined || fits(target.variant, variant));
  if (found !== undefined) return found;
  const variants = [...new Set(ofVersion.map((target) => target.variant))].filter((name) => name !== '');
  const has = variants.length === 0 ? 'it has none' : `it has ${variants.join(', ')}`;
  throw new UserError(`target "${hardware}" has no variant "${shown(variant ?? '')}"; ${has}`);
}

/** A system alone stands for its first memory. */
function fits(variant: string, asked: string): boolean {
  return variant === asked || variant.startsWith(`${asked}:`);
}

function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
