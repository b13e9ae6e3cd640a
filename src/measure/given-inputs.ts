/** Inputs that somebody saved: a folder with a `.npy` file for each input, or one with such folders, a run each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { quote } from '../formats/protobuf.ts';
import type { InputTensor, ModelInput } from './model-inputs.ts';
import { parseNpy } from './npy.ts';

/**
 * @throws UserError where a file is missing, or is of another type or shape than the input that it is for.
 */
export function givenInputs(folder: string, inputs: readonly ModelInput[]): readonly (readonly InputTensor[])[] {
  const entries = entriesOf(folder);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const runs = folders.length === 0 ? [folder] : folders.sort().map((name) => join(folder, name));
  const files = inputs.map(({ name }) => fileFor(name));
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) throw new UserError(`${folder}: two inputs of the model would both be ${twice}`);
  return runs.map((run) => inputs.map((input) => readInput(run, input)));
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    throw new UserError(`${folder}: no such folder; --verify-inputs wants one with a .npy file for each input`);
  }
}

/** The input's name with an underscore for whatever may mean something in a path. */
export function fileFor(input: string): string {
  return `${input.replace(/[^\w.-]/g, '_')}.npy`;
}

function readInput(folder: string, { name, dtype, shape }: ModelInput): InputTensor {
  const file = join(folder, fileFor(name));
  const array = parseNpy(bytesOf(file, name), file);
  if (array.dtype !== dtype || array.shape.join() !== shape.join()) {
    const said = `${array.dtype} [${array.shape.join(', ')}]`;
    throw new UserError(`${file}: ${said} where input ${quote(name)} is ${dtype} [${shape.join(', ')}]`);
  }
  return { name, ...array };
}

function bytesOf(file: string, input: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    throw new UserError(`${file}: no such file, which is for input ${quote(input)}`);
  }
}
