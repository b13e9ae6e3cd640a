/** Which model and target the page shows, and what can be done with the page as a whole. */
import type { Verdict } from '../../../compare/comparison.ts';
import type { ThemeName } from '../../chart/theme.ts';
import { visibleName } from '../../inert.ts';
import { choosePlace, useStore, type Store } from '../state/store.ts';
import { addressOf } from '../state/sync.ts';
import { ExportMenu } from './export-menu.tsx';
import { copyText } from './hand-over.ts';
import { Popover } from './popover.tsx';
import { SavedMenu } from './saved-menu.tsx';
import { verdictNames } from './verdict-names.ts';
import { Outside } from './words.tsx';

export function TopBar() {
  const store = useStore();
  const { link } = store.page;
  return (
    <div class="top-bar">
      <ModelPicker store={store} />
      <TargetPicker store={store} />
      <span class="space" />
      {link === null ? null : (
        <Outside address={link}>
          <span class="link-words">Pull request</span>
        </Outside>
      )}
      <button type="button" onClick={() => void copyLink(store)}>
        Copy link
      </button>
      <Popover label="Export" name="Export for other tools" wide>
        <ExportMenu />
      </Popover>
      <Popover label="Analyses" name="Saved analyses" wide>
        <SavedMenu />
      </Popover>
      <ThemePicker store={store} />
    </div>
  );
}

async function copyLink(store: Store): Promise<void> {
  // The address itself follows a little later, and not everywhere.
  const copied = await copyText(addressOf(store));
  store.announcement.value = copied ? 'Link copied' : 'The browser does not let the page copy';
}

const longestOption = 80;

/** Lists hold text alone: what is as it should be says nothing. */
function optionText(name: string, verdict: Verdict): string {
  return `${visibleName(name, longestOption)}${verdict === 'pass' ? '' : ` (${verdictNames[verdict]})`}`;
}

function ModelPicker({ store }: { readonly store: Store }) {
  const { models } = store.page.report;
  return (
    <label class="picker">
      <span>Model</span>
      <select
        value={String(store.model.value)}
        onChange={(event) => choosePlace(store, Number(event.currentTarget.value), 0)}
      >
        {models.map(({ path, verdict }, index) => (
          <option key={index} value={String(index)}>
            {optionText(path, verdict)}
          </option>
        ))}
      </select>
    </label>
  );
}

function TargetPicker({ store }: { readonly store: Store }) {
  const targets = store.modelReport.value?.targets ?? [];
  if (targets.length === 0) return null;
  const choose = (value: string): void => choosePlace(store, store.model.value, Number(value));
  return (
    <label class="picker">
      <span>Target</span>
      <select value={String(store.target.value)} onChange={(event) => choose(event.currentTarget.value)}>
        {targets.map(({ target, verdict }, index) => (
          <option key={index} value={String(index)}>
            {optionText(target.id, verdict)}
          </option>
        ))}
      </select>
    </label>
  );
}

const themeWords = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const;

function ThemePicker({ store }: { readonly store: Store }) {
  return (
    <label class="picker">
      <span>Theme</span>
      <select
        value={store.themeChoice.value}
        onChange={(event) => void (store.themeChoice.value = event.currentTarget.value as 'auto' | ThemeName)}
      >
        {Object.entries(themeWords).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
