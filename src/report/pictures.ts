/** Drawn charts that somebody hosts, by the part of the report that they show. */
import { chartsOf } from './charts.ts';
import type { Picture } from './page.ts';
import type { Report, TargetReport } from './report.ts';

/** The picture for light pages, and the one for dark pages where there is one. */
export interface ImageAddresses {
  readonly light: string;
  readonly dark?: string;
}

interface PictureOptions {
  /** Addresses by chart id. */
  readonly images?: ReadonlyMap<string, ImageAddresses>;
  readonly charts?: 'mermaid' | 'text' | 'off';
}

/** In the order of the charts; targets without a picture are left out. */
export function picturesOf(
  report: Report,
  { images = new Map(), charts }: PictureOptions,
): ReadonlyMap<TargetReport, readonly Picture[]> {
  const pictures = new Map<TargetReport, Picture[]>();
  if (images.size === 0 || charts === 'off') return pictures;
  for (const { id, of, altText } of chartsOf(report)) {
    const addresses = images.get(id);
    if (addresses !== undefined) pictures.set(of, [...(pictures.get(of) ?? []), { altText, ...addresses }]);
  }
  return pictures;
}
