/** The page: heading, totals, and the panels. */
import { useEffect } from 'preact/hooks';
import { headline } from '../../headline.ts';
import { useStore } from '../state/store.ts';
import { Computed, Summary } from './summary.tsx';
import { TopBar } from './top-bar.tsx';
import { Words } from './words.tsx';
import { Workspace } from './workspace.tsx';

export function Shell() {
  const { page, targetReport } = useStore();
  const hasRows = targetReport.value !== undefined;
  return (
    <>
      <a class="skip-link" href="#workspace" onClick={skipTo}>
        Skip to the panels
      </a>
      <header class="page-header">
        <h1>
          <Words phrase={headline(page.report)} />
        </h1>
        <TopBar />
      </header>
      <Summary />
      {hasRows ? <Workspace /> : <main id="workspace" />}
      <Computed />
      <Announcements />
    </>
  );
}

/** By hand: the fragment of the address is the state of the page. */
function skipTo(event: MouseEvent): void {
  event.preventDefault();
  const place = document.getElementById('workspace');
  place?.querySelector<HTMLElement>('button, input, select, [tabindex="0"]')?.focus();
  place?.scrollIntoView();
}

/** Long enough to be read, and gone before it is in the way. */
const announcementMilliseconds = 4000;

function Announcements() {
  const { announcement } = useStore();
  const words = announcement.value;
  useEffect(() => {
    const timer = setTimeout(() => void (announcement.value = ''), announcementMilliseconds);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <p class="announcement" role="status">
      {words}
    </p>
  );
}
