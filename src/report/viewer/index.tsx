/** The page's own thread: unpacks the report and shows it. */
import { render } from 'preact';
import { parseRecordText } from '../../ir/record-text.ts';
import { withRows, type PageReport, type PageRows } from '../html/document.ts';
import { Shell } from './shell/shell.tsx';
import { parseLink } from './state/link.ts';
import { createStore, StoreContext } from './state/store.ts';
import { followAddress, followTheme } from './state/sync.ts';
import { followEdits } from './what-if/answer.ts';
import { createSimulator } from './worker/client.ts';

/** Of the loader: the text of a part of the page. */
declare const pagePart: (id: string) => Promise<string>;

async function start(place: HTMLElement): Promise<void> {
  const [report, rows] = (await Promise.all([pagePart('report'), pagePart('rows')])).map((text) =>
    parseRecordText(text),
  );
  const page = withRows(report as PageReport, rows as PageRows);
  const store = createStore(page, createSimulator(pagePart), parseLink(location.hash, page));
  followTheme(store);
  followAddress(store);
  followEdits(store);
  place.replaceChildren();
  render(
    <StoreContext.Provider value={store}>
      <Shell />
    </StoreContext.Provider>,
    place,
  );
}

void start(document.getElementById('page')!);
