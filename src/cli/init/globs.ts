/** Globs that fit the models of a repository: one for each kind of file, as deep as all of them lie. */
import { pathGlob } from '../../glob.ts';

/** What a config takes. */
const longestGlob = 256;

/** Sorted; together they match every path. */
export function proposeGlobs(paths: readonly string[]): readonly string[] {
  const extensions = [...new Set(paths.map(extensionOf))];
  const ofKind = (extension: string) => paths.filter((path) => extensionOf(path) === extension);
  return extensions.map((extension) => globFor(ofKind(extension), extension)).sort();
}

/** With its dot, as written. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.slice(name.lastIndexOf('.'));
}

function globFor(paths: readonly string[], extension: string): string {
  const glob = [...commonFolders(paths), '**', `*${extension}`].join('/');
  const fits = glob.length <= longestGlob && paths.every(pathGlob(glob));
  return fits ? glob : `**/*${extension}`;
}

/** Of names that mean nothing else in a glob. */
function commonFolders(paths: readonly string[]): readonly string[] {
  const [first, ...others] = paths.map((path) => path.split('/').slice(0, -1));
  const folders = first ?? [];
  const differs = folders.findIndex(
    (folder, depth) => !/^[\w. @+-]+$/.test(folder) || others.some((other) => other[depth] !== folder),
  );
  return differs < 0 ? folders : folders.slice(0, differs);
}
