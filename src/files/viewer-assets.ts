/** The program and the style sheet that every report page holds. */
import { existsSync, readFileSync } from 'node:fs';
import { builtViewerFolder, viewerFolder } from '../assets.ts';
import { InvariantError } from '../errors.ts';
import type { ViewerAssets } from '../report/html/write.ts';

let known: ViewerAssets | undefined;

/** Read once. */
export function viewerAssets(): ViewerAssets {
  known ??= readAssets();
  return known;
}

function readAssets(): ViewerAssets {
  const folder = [viewerFolder, builtViewerFolder].find((one) => existsSync(new URL('viewer.js', one)));
  if (folder === undefined) throw new InvariantError('the viewer of report pages is not built: run npm run build');
  const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  return { style: text('viewer.css'), main: text('viewer.js'), worker: text('viewer-worker.js') };
}
