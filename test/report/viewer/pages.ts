/** Small pages made by hand. */
import type { PageModule, PageReport } from '../../../src/report/html/document.ts';
import { createStore, type Store } from '../../../src/report/viewer/state/store.ts';
import type { TargetReport } from '../../../src/report/report.ts';
import { modelReport, report, targetReport } from '../reports.ts';

/** The rows by themselves; `modules` tells which stand together. */
export function pageOf(target: Partial<TargetReport> = {}, modules?: readonly (number | PageModule)[]): PageReport {
  const whole = targetReport(target);
  const children = modules ?? whole.layers.map((_, row) => row);
  const view = { edges: [], modules: moduleOf('', children), layouts: new Map() };
  const models = [modelReport({ targets: [whole] })];
  return { report: report({ models }), link: null, sourceAddress: null, views: [[view]] };
}

export function moduleOf(id: string, children: readonly (number | PageModule)[]): PageModule {
  return { kind: 'module', id, title: id, children };
}

/** A store of which nobody asks the worker. */
export function storeOf(page: PageReport): Store {
  return createStore(page, {
    ask: () => Promise.reject(new Error('there is no worker')),
    cancelSearch: () => undefined,
  });
}
