/** Models that are folders: a change of any file in a package is a change of the package. */

export interface Change {
  readonly status: 'added' | 'removed' | 'modified' | 'renamed';
  readonly path: string;
  readonly previousPath?: string;
}

/** The file that makes a folder a package. */
export const packageManifest = 'Manifest.json';

export function isPackage(path: string): boolean {
  return /\.mlpackage\/*$/i.test(path);
}

/** The outermost package that a file lies in; undefined for a file in none. */
export function packageOf(path: string): string | undefined {
  const parts = path.split('/');
  const index = parts.findIndex((part, position) => position < parts.length - 1 && isPackage(part));
  return index < 0 ? undefined : parts.slice(0, index + 1).join('/');
}

/** Changes of files in packages as changes of the packages: as their manifests changed, else modified. */
export function withPackages(changes: readonly Change[]): readonly Change[] {
  const packages = new Map<string, Change>();
  const others: Change[] = [];
  for (const change of changes) {
    const touched = [change.path, ...(change.previousPath === undefined ? [] : [change.previousPath])].map(packageOf);
    if (touched.every((path) => path === undefined)) others.push(change);
    else notePackages(packages, change, others);
  }
  // What moved away as a whole is not changed where it was.
  for (const { previousPath } of [...packages.values()]) if (previousPath !== undefined) packages.delete(previousPath);
  return [...others, ...packages.values()];
}

function notePackages(packages: Map<string, Change>, change: Change, others: Change[]): void {
  const { path, previousPath, status } = change;
  const [to, from] = [packageOf(path), previousPath === undefined ? undefined : packageOf(previousPath)];
  const isManifest = to !== undefined && path === `${to}/${packageManifest}`;
  if (previousPath === undefined) {
    note(packages, { path: to!, status: isManifest ? status : 'modified' }, isManifest);
    return;
  }
  const wasManifest = from !== undefined && previousPath === `${from}/${packageManifest}`;
  if (isManifest && wasManifest && to !== from) {
    note(packages, { path: to, previousPath: from, status: 'renamed' }, true);
    return;
  }
  // A file that moved between a package and somewhere else is there no more, and new.
  if (to === undefined) others.push({ path, status: 'added' });
  else note(packages, { path: to, status: isManifest && !wasManifest ? 'added' : 'modified' }, isManifest);
  if (from === undefined) others.push({ path: previousPath, status: 'removed' });
  else if (from !== to) note(packages, { path: from, status: wasManifest ? 'removed' : 'modified' }, wasManifest);
}

/** What a manifest says of its package counts. */
function note(packages: Map<string, Change>, change: Change, decides: boolean): void {
  const known = packages.get(change.path);
  if (known === undefined || decides) packages.set(change.path, change);
}

/** Files outside of packages: those inside are no models of their own. */
export function outsidePackages(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => packageOf(path) === undefined);
}
