// A real browser, where there is one: for benchmarks and tests of the report page.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome'];

/** `CHROMIUM` names another one. Undefined: there is none. */
export const chromiumPath = findChromium();

function findChromium() {
  const { CHROMIUM = '', PATH = '' } = process.env;
  if (CHROMIUM !== '') return isProgram(CHROMIUM) ? CHROMIUM : undefined;
  const folders = PATH.split(delimiter);
  return chromiumNames.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
