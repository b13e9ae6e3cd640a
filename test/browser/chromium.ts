/** A real browser, where there is one. */
import { describe } from 'vitest';
import { chromiumNames, chromiumPath } from '../../bench/chromium.mjs';

export { chromiumPath };

const reason = `skipped: there is no ${chromiumNames.join(', ')} in PATH, and CHROMIUM names none`;

/** Of tests that need a browser: says why they were skipped where they were. */
const titleInBrowser = (title: string): string => (chromiumPath === undefined ? `${title} (${reason})` : title);

export function describeInBrowser(title: string, tests: () => void): void {
  describe.skipIf(chromiumPath === undefined)(titleInBrowser(title), tests);
}
