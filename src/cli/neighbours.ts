/** Files for other tools: one to standard output or `--output FILE`, several into `--output FOLDER/`. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { reasonOf } from '../files/file-source.ts';
import type { NeighbourFile } from '../report/neighbours/neighbour.ts';
import { remark, writeOutput } from './output.ts';

interface NeighbourOutput {
  readonly output?: string;
  readonly quiet?: boolean;
}

/** @throws UserError where the files have nowhere to go. */
export function writeNeighbours(files: readonly NeighbourFile[], { output, quiet }: NeighbourOutput): void {
  const [first, ...others] = files;
  if (first === undefined) {
    remark('nothing is written: no model was compiled that the tool opens');
    return;
  }
  if (output !== undefined && isFolder(output)) {
    const named = withOwnNames(files);
    makeFolder(output);
    for (const { name, text } of named) writeOutput(text, join(output, name));
    if (quiet !== true) for (const { name, words } of named) remark(`${join(output, name)}: ${words}`);
  } else if (others.length === 0) {
    writeOutput(first.text, output);
  } else {
    const instead = output === undefined ? '--output FOLDER/' : `--output ${output}/`;
    throw new UserError(`this makes ${files.length} files: name a folder for them with ${instead}`);
  }
}

function isFolder(output: string): boolean {
  return /[/\\]$/.test(output) || statSync(output, { throwIfNoEntry: false })?.isDirectory() === true;
}

function makeFolder(output: string): void {
  try {
    mkdirSync(output, { recursive: true });
  } catch (error) {
    throw new UserError(`--output ${output}: ${reasonOf(error)}`);
  }
}

/** Models of one name in several folders: `-2` in front of the endings. */
function withOwnNames(files: readonly NeighbourFile[]): readonly NeighbourFile[] {
  const wanted = new Set(files.map(({ name }) => name));
  const taken = new Set<string>();
  return files.map((file) => {
    let name = file.name;
    // Nor the name of a file to come.
    for (let use = 2; taken.has(name) || (use > 2 && wanted.has(name)); use += 1)
      name = file.name.replace(/\./, `-${use}.`);
    taken.add(name);
    return { ...file, name };
  });
}
