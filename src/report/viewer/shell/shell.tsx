/** The page: heading, totals, and the panels. */
import { headline } from '../../headline.ts';
import { GraphPanel } from '../graph/graph-panel.tsx';
import { useStore } from '../state/store.ts';
import { Words } from './words.tsx';

export function Shell() {
  const { page } = useStore();
  return (
    <>
      <header>
        <h1>
          <Words phrase={headline(page.report)} />
        </h1>
      </header>
      <GraphPanel />
    </>
  );
}
