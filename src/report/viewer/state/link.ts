/**
 * The state of the page as the fragment of its address. Anyone may have written a link: what cannot be read, or names what
 * the report does not have, is left out, and nothing is refused.
 */
import type { PageReport } from '../../html/document.ts';
import { allModules } from '../figures/modules.ts';
import { parseIndices, printIndices } from './index-ranges.ts';
import {
  facetNames,
  firstTableView,
  firstViewState,
  type Facets,
  type Settings,
  type Sort,
  type TableView,
  type ValueRange,
  type ViewState,
} from './view-state.ts';

/** Longer ones are cut off when they are read: a name of a layer, an edit of many layers. */
const longestText = 4000;
const mostParts = 200;

/** Without the `#`; what is as the page begins is left out. */
export function printLink(state: ViewState, page: PageReport): string {
  const words = new URLSearchParams();
  const put = (key: string, text: string): void => {
    if (text !== '') words.append(key, text);
  };
  put('model', state.model === 0 ? '' : String(state.model));
  put('target', state.target === 0 ? '' : String(state.target));
  putTable(state.table, moduleIds(page, state), put);
  put('rows', printIndices(state.selection));
  put('focus', state.focus === null ? '' : String(state.focus));
  put('panels', state.panels.join(' '));
  put('edits', state.edits);
  for (const [panel, settings] of Object.entries(state.settings)) put(`${panel}.`, JSON.stringify(settings));
  return words.toString();
}

type Put = (key: string, text: string) => void;

function putTable(table: TableView, modules: readonly string[], put: Put): void {
  put('sort', table.sort === null ? '' : printSort(table.sort));
  put('search', table.search);
  for (const name of facetNames) for (const value of table.facets[name] ?? []) put(name, value);
  for (const range of table.ranges) put('where', printRange(range));
  put('columns', table.columns === null ? '' : table.columns.map(encoded).join(' '));
  put('modules', table.grouped ? 'on' : '');
  const open = modules.flatMap((id, index) => (table.openModules.has(id) ? [index] : []));
  put('open', printIndices(open));
  put('parts', printIndices(table.openRows));
}

/** `-|latency-change|`: falling, by size. */
function printSort({ column, descending, absolute }: Sort): string {
  const id = encoded(column);
  return `${descending ? '-' : '+'}${absolute ? `|${id}|` : id}`;
}

/** `0.001<latency-change<0.01` */
function printRange({ column, above, below }: ValueRange): string {
  return `${above === null ? '' : `${above}<`}${encoded(column)}${below === null ? '' : `<${below}`}`;
}

/** Ids of columns may hold names of a target file. */
function encoded(id: string): string {
  return encodeURIComponent(id.replace(/\p{Cs}/gu, '\ufffd')).replaceAll('|', '%7C');
}

function moduleIds(page: PageReport, { model, target }: Pick<ViewState, 'model' | 'target'>): readonly string[] {
  const view = page.views[model]?.[target];
  return view === undefined ? [] : allModules(view.modules).map(({ id }) => id);
}

export function parseLink(text: string, page: PageReport): ViewState {
  const words = new URLSearchParams(text.replace(/^#/, ''));
  const get = (key: string): string => (words.get(key) ?? '').slice(0, longestText);
  const model = indexOf(get('model'), page.report.models.length) ?? 0;
  const target = indexOf(get('target'), page.report.models[model]?.targets.length ?? 0) ?? 0;
  const rows = page.report.models[model]?.targets[target]?.layers.length ?? 0;
  return {
    ...firstViewState,
    ...{ model, target, table: readTable(words, { rows, modules: moduleIds(page, { model, target }) }) },
    selection: parseIndices(words.get('rows') ?? '', rows),
    focus: indexOf(get('focus'), rows) ?? null,
    panels: [...new Set(parts(get('panels')).filter((id) => /^[a-z-]{1,40}$/.test(id)))],
    edits: get('edits'),
    settings: readSettings(words),
  };
}

interface Extent {
  readonly rows: number;
  readonly modules: readonly string[];
}

function readTable(words: URLSearchParams, { rows, modules }: Extent): TableView {
  const columns = parts(words.get('columns') ?? '').flatMap(decoded);
  return {
    ...firstTableView,
    sort: readSort(words.get('sort') ?? ''),
    search: (words.get('search') ?? '').slice(0, longestText),
    facets: readFacets(words),
    ranges: words.getAll('where').slice(0, mostParts).flatMap(readRange),
    columns: columns.length === 0 ? null : [...new Set(columns)],
    grouped: words.get('modules') === 'on',
    openModules: new Set([...parseIndices(words.get('open') ?? '', modules.length)].map((index) => modules[index]!)),
    openRows: parseIndices(words.get('parts') ?? '', rows),
  };
}

function parts(text: string): readonly string[] {
  return text
    .split(' ')
    .filter((part) => part !== '')
    .slice(0, mostParts);
}

function decoded(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}

function indexOf(text: string, count: number): number | undefined {
  const index = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  return index < count ? index : undefined;
}

function readSort(text: string): Sort | null {
  const match = /^([+-])(?:\|([^|]+)\||([^|]+))$/.exec(text.slice(0, longestText));
  const [, direction, byAmount, byValue] = match ?? [];
  const [column] = decoded(byAmount ?? byValue ?? '');
  if (column === undefined || column === '') return null;
  return { column, descending: direction === '-', absolute: byAmount !== undefined };
}

function readFacets(words: URLSearchParams): Facets {
  const chosen = facetNames.map((name) => [name, new Set(words.getAll(name).slice(0, mostParts))] as const);
  return Object.fromEntries(chosen.filter(([, values]) => values.size > 0));
}

const number = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`;
const rangeForm = new RegExp(`^(?:(${number})<)?([^<]+?)(?:<(${number}))?$`);

function readRange(text: string): readonly ValueRange[] {
  const match = rangeForm.exec(text.slice(0, longestText));
  if (match === null) return [];
  const [above, below] = [match[1], match[3]].map((limit) => (limit === undefined ? null : Number(limit)));
  if (above === null && below === null) return [];
  return decoded(match[2]!).map((column) => ({ column, above: above!, below: below! }));
}

function readSettings(words: URLSearchParams): Settings {
  const settings = [...words].flatMap(([key, text]) => {
    const panel = /^([a-z-]{1,40})\.$/.exec(key)?.[1];
    return panel === undefined ? [] : parsed(text).map((value) => [panel, value] as const);
  });
  return Object.fromEntries(settings);
}

function parsed(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}
