/** The what-if for where it can be asked too. */
import { copyText } from '../shell/hand-over.ts';
import { useStore, type Store } from '../state/store.ts';
import { commandLine, slashCommand } from './command-lines.ts';

export function CommandLines() {
  const store = useStore();
  const [model, target] = [store.modelReport.value, store.targetReport.value];
  const edits = store.edits.value;
  if (model === undefined || target === undefined || edits === '') return null;
  const asked = {
    edits,
    path: model.path,
    target: target.target.id,
    toolVersion: store.page.report.tool.version,
  };
  return (
    <dl class="what-if-commands">
      <Line store={store} words="In a comment" text={slashCommand(asked)} />
      <Line store={store} words="On the command line" text={commandLine(asked)} />
    </dl>
  );
}

interface LineProps {
  readonly store: Store;
  readonly words: string;
  readonly text: string;
}

function Line({ store, words, text }: LineProps) {
  const copy = async (): Promise<void> => {
    const copied = await copyText(text);
    store.announcement.value = copied ? `${words}: copied` : 'The browser does not let the page copy';
  };
  return (
    <>
      <dt>{words}</dt>
      <dd>
        <code>
          <bdi>{text}</bdi>
        </code>
        <button type="button" onClick={() => void copy()} aria-label={`Copy: ${words}`}>
          Copy
        </button>
      </dd>
    </>
  );
}
