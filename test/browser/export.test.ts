/** Files for other tools, saved from the page: those that the command line writes, of the target that is shown. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { describeInBrowser } from './chromium.ts';
import { openWorkroom, type Workroom } from './reports.ts';
import { downloaded } from './table-reader.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/models');

describeInBrowser('the export of the page', () => {
  const browser = useBrowser();
  let room: Workroom;
  let file: string;
  const models = ['cnn-residual', 'cnn-residual-wide'].map((name) => join(fixtures, `${name}.onnx`)) as [
    string,
    string,
  ];

  beforeAll(async () => {
    room = openWorkroom();
    file = await room.diff({ base: models[0], head: models[1], targets: 'ethos-u55-128,rpi4-xnnpack' }).page();
  }, 600_000);
  afterAll(() => room.remove());

  test('is that of the command line', async () => {
    const page = await browser.open(file);
    const target = page.getByRole('combobox', { name: 'Target', exact: true });
    await target.selectOption({ index: 1 });
    await page.getByRole('button', { name: 'Export for other tools' }).click();
    for (const title of ['Netron', 'Model Explorer', 'Perfetto and Chrome']) {
      await page.locator('summary', { hasText: title }).click();
    }
    const save = (words: string) => page.getByRole('button', { name: `Save ${words}`, exact: true });
    const saved = async (words: string): Promise<string> =>
      (await downloaded(page, () => save(words).click())).bytes.toString();
    expect(await saved('schedules of base and head')).toBe(
      await room.output('diff', ...models, '--target', 'rpi4-xnnpack', '--format', 'trace'),
    );
    const attachment = await saved('attachment of the head');
    expect(attachment).toContain('"signature":"netron:attachment"');
    expect(attachment).toContain('rpi4-xnnpack');
    expect(await saved('mapping of base to head')).toContain('"type":"sync_navigation"');
  });
});
