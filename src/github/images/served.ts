/** Pictures that the App keeps and serves itself. Their addresses cannot be guessed, and whoever has one sees the picture. */
import { chartImages } from '../../files/chart-images.ts';
import type { ImageAddresses } from '../../report/pictures.ts';
import type { GitHub } from '../client.ts';
import type { Hosting, ImageHost, ImageRequest } from './host.ts';
import { shownCharts } from './shown-charts.ts';

export const servedHost: ImageHost = { name: 'app', title: 'charts served by the App', show };

/** Light and dark each; drawing one takes a tenth of a second. */
const maximumCharts = 6;

async function show(_: GitHub, { serve, report }: ImageRequest): Promise<Hosting> {
  if (serve === undefined) {
    return { refusal: 'this is not the App, or the App does not know its own address (PUBLIC_URL)' };
  }
  const ids = new Set(shownCharts(report, maximumCharts).map(({ id }) => id));
  const images = new Map<string, ImageAddresses>();
  for await (const { id, theme, png } of chartImages(report, ids)) {
    const address = await serve(png);
    const light = images.get(id)?.light ?? address;
    images.set(id, theme === 'light' ? { light } : { light, dark: address });
  }
  return { images };
}
