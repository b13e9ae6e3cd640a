/** Files for other tools, of the model and the target that the page shows: made when asked for, saved one by one. */
import { useSignal } from '@preact/signals';
import {
  neighbourFormats,
  neighbourTitles,
  type NeighbourFile,
  type NeighbourFormat,
} from '../../neighbours/neighbour.ts';
import { useStore } from '../state/store.ts';
import { downloadText } from './hand-over.ts';

export function ExportMenu() {
  const { model, target, targetReport } = useStore();
  if (targetReport.value === undefined) return <p class="hint">Nothing of this model could be measured.</p>;
  return (
    <div class="saved-menu">
      <p class="hint">This model on this target, for other tools.</p>
      {neighbourFormats.map((format) => (
        <ToolFiles key={`${model.value} ${target.value} ${format}`} format={format} />
      ))}
    </div>
  );
}

type Files =
  | { readonly state: 'closed' | 'making' }
  | { readonly state: 'made'; readonly files: readonly NeighbourFile[] }
  | { readonly state: 'failed'; readonly problem: string };

function ToolFiles({ format }: { readonly format: NeighbourFormat }) {
  const title = neighbourTitles[format];
  const { simulator, model, target, rows } = useStore();
  const files = useSignal<Files>({ state: 'closed' });
  const make = async (): Promise<void> => {
    if (files.value.state === 'making' || files.value.state === 'made') return;
    files.value = { state: 'making' };
    const place = { model: model.value, target: target.value };
    try {
      const question = { kind: 'neighbours', place, format, rows: rows.value } as const;
      files.value = { state: 'made', files: (await simulator.ask<'neighbours'>(question)).files };
    } catch (error) {
      files.value = { state: 'failed', problem: error instanceof Error ? error.message : String(error) };
    }
  };
  return (
    <details onToggle={(event) => event.currentTarget.open && void make()}>
      <summary>{title}</summary>
      <FileList title={title} files={files.value} />
    </details>
  );
}

function FileList({ title, files }: { readonly title: string; readonly files: Files }) {
  if (files.state !== 'made') {
    return (
      <p class="hint" role="status">
        {files.state === 'failed' ? files.problem : 'The files are being made'}
      </p>
    );
  }
  if (files.files.length === 0) return <p class="hint">{title} cannot open a model of this format.</p>;
  return (
    <ul class="saved">
      {files.files.map(({ name, words, text }) => (
        <li key={name}>
          <span class="saved-name">{words}</span>
          <span class="saved-actions">
            <button type="button" onClick={() => downloadText(name, 'application/json', text)}>
              Save<span class="off-screen"> {words}</span>
            </button>
          </span>
        </li>
      ))}
    </ul>
  );
}
