/** Keeps the address of the page and its state the same, and the theme that was chosen. */
import { effect } from '@preact/signals';
import type { ThemeName } from '../../chart/theme.ts';
import { parseLink, printLink } from './link.ts';
import { setState, stateOf, type Store } from './store.ts';

/** Browsers refuse addresses that change too often. */
const pauseMilliseconds = 300;

export function followAddress(store: Store): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (): void => {
    timer = undefined;
    try {
      history.replaceState(null, '', addressOf(store));
    } catch {
      // Refused for being too long or too often: the page works without.
    }
  };
  let first = true;
  effect(() => {
    stateOf(store);
    if (first) first = false;
    else {
      clearTimeout(timer);
      timer = setTimeout(write, pauseMilliseconds);
    }
  });
  // What was chosen a moment ago is in the address that is gone back to.
  addEventListener('pagehide', () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    write();
  });
  addEventListener('hashchange', () => setState(store, parseLink(location.hash, store.page)));
}

/** Of this page in its present state. */
export function addressOf(store: Store): string {
  const link = printLink(stateOf(store), store.page);
  return `${location.href.replace(/#.*$/s, '')}${link === '' ? '' : `#${link}`}`;
}

const themeKey = 'model-budget/theme';

export function followTheme(store: Store): void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const ask = (): void => void (store.systemTheme.value = query.matches ? 'dark' : 'light');
  query.addEventListener('change', ask);
  ask();
  const kept = readTheme();
  if (kept !== undefined) store.themeChoice.value = kept;
  effect(() => {
    document.documentElement.dataset.theme = store.theme.value;
    keepTheme(store.themeChoice.value);
  });
}

function readTheme(): ThemeName | undefined {
  try {
    const kept = localStorage.getItem(themeKey);
    return kept === 'light' || kept === 'dark' ? kept : undefined;
  } catch {
    return undefined;
  }
}

function keepTheme(choice: 'auto' | ThemeName): void {
  try {
    if (choice === 'auto') localStorage.removeItem(themeKey);
    else localStorage.setItem(themeKey, choice);
  } catch {
    // The browser keeps nothing for this page; the choice lasts as long as it is open.
  }
}
