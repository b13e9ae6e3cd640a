/** When a page has answered what was done to it. */
import type { Page } from 'playwright-core';

/**
 * Waits until nothing in the page says that it is busy and nothing changes for a few frames: what a reader does who looks
 * before acting. What comes after a pause (the address, an answer of the worker that nobody sees) is waited for by itself.
 */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(
    (stillFrames) =>
      new Promise<void>((resolve) => {
        let still = 0;
        const observer = new MutationObserver(() => void (still = 0));
        observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        const look = (): void => {
          still = document.querySelector('[aria-busy="true"]') === null ? still + 1 : 0;
          if (still > stillFrames) {
            observer.disconnect();
            resolve();
          } else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    3,
  );
}
