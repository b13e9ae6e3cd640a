/** Charts of a report as files: PNG to look at and to attach, SVG to zoom into; light and dark. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { chartImages } from '../files/chart-images.ts';
import type { ImageAddresses } from '../report/pictures.ts';
import type { Report } from '../report/report.ts';

/**
 * Writes every chart into `folder`. The addresses are relative to where `output` lies (or to the working folder), so
 * that the Markdown shows them wherever both are moved together.
 */
export async function writeCharts(
  report: Report,
  folder: string,
  output: string | undefined,
): Promise<ReadonlyMap<string, ImageAddresses>> {
  mkdirSync(folder, { recursive: true });
  const from = resolve(output === undefined ? '.' : dirname(output));
  const addresses = new Map<string, ImageAddresses>();
  for await (const { id, theme, svg, png } of chartImages(report)) {
    const file = join(folder, `${id}-${theme}`);
    writeFileSync(`${file}.svg`, svg);
    writeFileSync(`${file}.png`, png);
    const address = encodeURI(
      relative(from, resolve(`${file}.png`))
        .split(sep)
        .join('/'),
    );
    addresses.set(id, { light: address, ...addresses.get(id), [theme]: address });
  }
  return addresses;
}
