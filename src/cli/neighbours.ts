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
    for (const { name, text } of named) writeOutput(text.trimEnd(), join(output, name));
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
  const uses = new Map<string, number>();
  return files.map((file) => {
    const use = (uses.get(file.name) ?? 0) + 1;
    uses.set(file.name, use);
    return use === 1 ? file : { ...file, name: file.name.replace(/\./, `-${use}.`) };
  });
}
