/** A real browser, where there is one. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** `CHROMIUM` names another one. Undefined: there is none. */
export const chromiumPath = findChromium();

function findChromium(): string | undefined {
  const named = process.env.CHROMIUM ?? '';
  if (named !== '') return isProgram(named) ? named : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Tests that need a browser, which says in its title why it was skipped where it was. */
export function describeInBrowser(title: string, tests: () => void): void {
  const reason = `skipped: no ${names.join(', ')} in PATH, and CHROMIUM names none`;
  describe.skipIf(chromiumPath === undefined)(chromiumPath === undefined ? `${title} (${reason})` : title, tests);
}
