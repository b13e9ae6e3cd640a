// Pages of docs/ that are made from the program's own entries.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { rolldown } from 'rolldown';

export const root = new URL('../', import.meta.url);

/** A module of src/ as it is now, whatever was built. */
export async function loadModule(name) {
  const bundle = await rolldown({ input: fileURLToPath(new URL(name, root)), platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  return import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`);
}

/** Writes the page; with `--check` it fails instead where the file is not the same, and says what it is made from. */
export async function writePage(name, page, madeFrom) {
  const path = fileURLToPath(new URL(name, root));
  const text = await format(page, { ...(await resolveConfig(path)), parser: 'markdown' });
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readOrNothing(path) !== text) {
    console.error(`${name} is not what ${madeFrom} say: run npm run docs`);
    process.exitCode = 1;
  }
}

/** The text of a file; empty where it is not there. */
export function readOrNothing(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
