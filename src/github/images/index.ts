/** Pictures for a comment: the first host that can show them, else the text forms. */
import type { Config } from '../../config/record.ts';
import { isRefused, reasonOf, type GitHub } from '../client.ts';
import { branchHost } from './branch.ts';
import type { HostedImages, Hosting, ImageHost, ImageRequest } from './host.ts';
import { quickChart } from './quickchart.ts';
import { servedHost } from './served.ts';
import { shownCharts } from './shown-charts.ts';

/** The best first. A config that names one begins there and falls back on those after it. */
const hosts: readonly ImageHost[] = [branchHost, servedHost, quickChart];

const servedByApp = 'charts: app needs the App, which this run is not part of; the other ways are tried';

/** Never throws: a report without pictures is a report. */
export async function hostImages(github: GitHub, request: ImageRequest): Promise<HostedImages> {
  const { charts, report, serve } = request;
  const remarks = charts === 'app' && serve === undefined ? [servedByApp] : [];
  const rungs = rungsOf(request);
  for (const host of rungs.length > 0 && shownCharts(report, 1).length > 0 ? rungs : []) {
    const hosting = await tried(host, github, request);
    if ('images' in hosting) return { images: hosting.images, fallback: fallbackOf(charts), remarks };
    remarks.push(`${host.title}: ${hosting.refusal}`);
  }
  return { images: new Map(), fallback: fallbackOf(charts), remarks };
}

/** Where nobody serves pictures that rung is not there. */
function rungsOf({ charts, serve }: ImageRequest): readonly ImageHost[] {
  const there = serve === undefined ? hosts.filter((host) => host !== servedHost) : hosts;
  if (charts === 'auto' || (charts === 'app' && serve === undefined)) return there;
  const first = there.findIndex(({ name }) => name === charts);
  return first === -1 ? [] : there.slice(first);
}

function fallbackOf(charts: Config['charts']): HostedImages['fallback'] {
  return charts === 'text' || charts === 'off' ? charts : 'mermaid';
}

/** Whatever goes wrong with a picture, the review goes on without it. */
async function tried(host: ImageHost, github: GitHub, request: ImageRequest): Promise<Hosting> {
  try {
    return await host.show(github, request);
  } catch (error) {
    const remedy = host.remedy !== undefined && isRefused(error) ? `; ${host.remedy}` : '';
    return { refusal: `${reasonOf(error)}${remedy}` };
  }
}
