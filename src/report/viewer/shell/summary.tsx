/** Verdict, totals against budgets and what to know beside them, as the comment has it. */
import { bandsBlock, computedBlocks, configBlocks } from '../../computed.ts';
import { errorBlocks, modelStatus, suggestionBlocks, targetLine } from '../../model-blocks.ts';
import { list } from '../../page.ts';
import { said } from '../../phrase.ts';
import { remarkBlocks } from '../../remarks.ts';
import { totalsTable } from '../../totals-table.ts';
import { useStore } from '../state/store.ts';
import { Blocks } from './blocks.tsx';
import { ForeignName, Words } from './words.tsx';

export function Summary() {
  const { page, modelReport, targetReport } = useStore();
  const { notes } = page.report;
  const [model, target] = [modelReport.value, targetReport.value];
  return (
    <section class="summary" aria-label="Totals and budgets">
      {notes.length === 0 ? null : <Blocks blocks={[list(notes.map((note) => [said(note)]))]} />}
      {model === undefined ? null : (
        <p class="model-line">
          <ForeignName name={model.path} longest={160} />
          <Words phrase={modelStatus(model)} />
        </p>
      )}
      {model === undefined ? null : <Blocks blocks={errorBlocks(model)} />}
      {target === undefined || model === undefined ? null : (
        <div class="totals">
          <div class="totals-table" role="region" aria-label="Totals" tabIndex={0}>
            <Blocks blocks={[totalsTable(target, model.status)]} />
          </div>
          <div class="remarks">
            <Blocks blocks={[targetLine(target), ...remarkBlocks(target), ...suggestionBlocks(target)]} />
          </div>
        </div>
      )}
    </section>
  );
}

/** How the numbers came about, and how to compute them again. */
export function Computed() {
  const { report } = useStore().page;
  return (
    <footer class="computed">
      <details>
        <summary>How this was computed · replay command</summary>
        <Blocks blocks={[...computedBlocks(report), bandsBlock()]} />
      </details>
      {report.config.trim() === '' ? null : <Blocks blocks={configBlocks(report)} />}
    </footer>
  );
}
