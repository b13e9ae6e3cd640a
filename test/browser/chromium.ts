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

const reason = `skipped: there is no ${names.join(', ')} in PATH, and CHROMIUM names none`;

/** Of tests that need a browser: says why they were skipped where they were. */
const titleInBrowser = (title: string): string => (chromiumPath === undefined ? `${title} (${reason})` : title);

export function describeInBrowser(title: string, tests: () => void): void {
  describe.skipIf(chromiumPath === undefined)(titleInBrowser(title), tests);
}
