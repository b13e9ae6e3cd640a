/**
 * Pictures drawn by a QuickChart server when a comment is looked at: the address holds the whole chart, and nothing is
 * sent from here. It holds numbers only; the bars are numbered like the rows of the comment's table of changes. Short
 * addresses would need an upload, and expire.
 */
import { axisUnit, type AxisUnit } from '../../report/chart/chart.ts';
import { themes } from '../../report/chart/theme.ts';
import { changedLayers, type LayerBars } from '../../report/fallback-charts.ts';
import type { ImageAddresses } from '../../report/pictures.ts';
import type { GitHub } from '../client.ts';
import type { Hosting, ImageHost, ImageRequest } from './host.ts';
import { shownCharts } from './shown-charts.ts';

export const quickChart: ImageHost = { name: 'quickchart', title: 'charts by QuickChart', show };

const publicService = new URL('https://quickchart.io');

/** Longer ones fail in GitHub's image proxy. */
const longestAddress = 2048;

const maximumPictures = 6;

/** As in the comment, where the config does not say. */
const usualLayers = 12;

async function show(_: GitHub, request: ImageRequest): Promise<Hosting> {
  const service = serviceFor(request);
  if ('refusal' in service) return service;
  const charts = shownCharts(request.report, Infinity).filter(({ id }) => id.endsWith('-latency'));
  const print = await addressPrinter(service);
  const images = charts.slice(0, maximumPictures).flatMap(({ id, of }): readonly [string, ImageAddresses][] => {
    const address = shortEnough(changedLayers(of, request.layers ?? usualLayers), print);
    return address === undefined ? [] : [[id, { light: address }]];
  });
  return images.length === 0 ? { refusal: 'no latency of changed layers to show' } : { images: new Map(images) };
}

/** Numbers that are not public go to nobody but a server that the user named, and only where it was asked for by name. */
function serviceFor({ charts, isPrivate, apiUrl, quickChartHost }: ImageRequest): URL | { readonly refusal: string } {
  const own = quickChartHost === undefined || quickChartHost === '' ? undefined : serverAt(quickChartHost);
  if (own === null) return { refusal: 'its host must be an address without a path, as https://charts.example.org' };
  const isPublic = !isPrivate && serverAt(apiUrl)?.origin === 'https://api.github.com';
  if (isPublic) return own ?? publicService;
  if (charts === 'quickchart' && own !== undefined && !isQuickChartIo(own)) return own;
  const whose = isPrivate ? 'a private repository' : "a server other than github.com's";
  return {
    refusal: `the numbers of ${whose} are not sent to quickchart.io; \`charts: quickchart\` with a host of your own sends them there`,
  };
}

/** Null for what is not the address of a server. */
function serverAt(address: string): URL | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !['https:', 'http:'].includes(url.protocol)) return null;
  return url.href === `${url.origin}/` ? url : null;
}

function isQuickChartIo({ hostname }: URL): boolean {
  return /(^|\.)quickchart\.io\.?$/.test(hostname);
}

/** Of a chart as Chart.js takes it. */
type AddressPrinter = (chart: object) => string;

async function addressPrinter(service: URL): Promise<AddressPrinter> {
  const module = await import('quickchart-js');
  // Its types tell of the build for require(), where the class is one step deeper.
  const QuickChart = module.default as unknown as typeof module.default.default;
  return (chart) =>
    new QuickChart()
      .setScheme(service.protocol.slice(0, -1))
      .setHost(service.host)
      .setWidth(720)
      .setHeight(300)
      .setDevicePixelRatio(2)
      .setBackgroundColor(themes.light.background)
      .setConfig(chart)
      .getUrl();
}

/** As many layers as fit, from the first one on, so that the numbers stay those of the table's rows. */
function shortEnough(layers: readonly LayerBars[], print: AddressPrinter): string | undefined {
  const longestSeconds = Math.max(0, ...layers.flatMap(({ baseSeconds, headSeconds }) => [baseSeconds, headSeconds]));
  if (longestSeconds === 0) return undefined;
  const unit = axisUnit(longestSeconds, 'time');
  for (let count = layers.length; count > 0; count--) {
    const address = print(barChart(layers.slice(0, count), unit));
    if (address.length <= longestAddress) return address;
  }
  return undefined;
}

/** For Chart.js 2. On white in both themes: an address has one picture. */
function barChart(layers: readonly LayerBars[], unit: AxisUnit): object {
  const rounded = (seconds: number): number => Number((seconds / unit.scale).toPrecision(4));
  const { base, head } = themes.light;
  const axis = (labelString: string) => ({ scaleLabel: { display: true, labelString } });
  return {
    type: 'bar',
    data: {
      labels: layers.map((_, index) => index + 1),
      datasets: [
        { label: 'base', backgroundColor: base, data: layers.map(({ baseSeconds }) => rounded(baseSeconds)) },
        { label: 'head', backgroundColor: head, data: layers.map(({ headSeconds }) => rounded(headSeconds)) },
      ],
    },
    options: {
      scales: {
        xAxes: [axis('row of the table of changes')],
        yAxes: [{ ...axis(`latency, ${unit.name}`), ticks: { beginAtZero: true } }],
      },
    },
  };
}
