/** What every host of a comment's pictures is told, and what it answers. */
import type { Config } from '../../config/record.ts';
import type { ImageAddresses } from '../../report/pictures.ts';
import type { Report } from '../../report/report.ts';
import type { GitHub } from '../client.ts';

export interface ImageRequest {
  readonly report: Report;
  readonly charts: Config['charts'];
  /** Its number. */
  readonly pullRequest: number;
  /** Of several invocations in one pull request, as in the comment's marker; each has pictures of its own. */
  readonly id?: string;
  /** Rows of the comment's table of changes. */
  readonly layers?: number;
  readonly isPrivate: boolean;
  readonly apiUrl: string;
  /** A QuickChart server of one's own, with its scheme: `https://charts.example.org`. */
  readonly quickChartHost?: string;
  /** Keeps a PNG and tells the address that it is served at; absent where nobody serves any. */
  readonly serve?: (png: Uint8Array) => Promise<string>;
}

/** Addresses by chart id, or in one line why there are none. */
export type Hosting = { readonly images: ReadonlyMap<string, ImageAddresses> } | { readonly refusal: string };

export interface ImageHost {
  readonly name: Extract<Config['charts'], 'branch' | 'app' | 'quickchart'>;
  /** Begins a remark: `charts on a branch`. */
  readonly title: string;
  /** What to change where the server refuses; a host that asks no server has none. */
  readonly remedy?: string;
  /** Charts that are not in the answer stay text. Throws where a request fails for good. */
  readonly show: (github: GitHub, request: ImageRequest) => Promise<Hosting>;
}

export interface HostedImages {
  /** By chart id; a chart that is not in it stays in its text form. */
  readonly images: ReadonlyMap<string, ImageAddresses>;
  /** What stands where there is no picture. */
  readonly fallback: 'mermaid' | 'text' | 'off';
  /** One line each: why a host was not used, and what would change that. */
  readonly remarks: readonly string[];
}

export const noImages: HostedImages = { images: new Map(), fallback: 'mermaid', remarks: [] };
