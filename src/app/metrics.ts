/** Figures for Prometheus: of jobs and webhooks, without a repository's name. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Counts } from '../queue/queue.ts';
import type { Errand } from './jobs.ts';

export interface Metrics {
  readonly webhook: (event: string) => void;
  readonly job: (kind: Errand['kind'], outcome: 'done' | 'failed' | 'given-up', seconds: number) => void;
  readonly text: () => Promise<string>;
  readonly contentType: string;
}

export function openMetrics(counts: () => Promise<Counts>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'model_budget_' });
  const webhooks = new Counter({
    name: 'model_budget_webhooks_total',
    help: 'Webhooks that were taken in',
    ...{ labelNames: ['event'], registers },
  });
  const jobs = new Histogram({
    name: 'model_budget_job_seconds',
    help: 'Attempts at jobs, by what they were and how they ended',
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900],
    ...{ labelNames: ['kind', 'outcome'], registers },
  });
  const queue = new Gauge({
    name: 'model_budget_queue_jobs',
    help: 'Jobs in the queue',
    ...{ labelNames: ['state'], registers },
    collect: async () => {
      for (const [state, count] of Object.entries(await counts())) queue.set({ state }, count as number);
    },
  });
  return {
    webhook: (event) => webhooks.inc({ event }),
    job: (kind, outcome, seconds) => jobs.observe({ kind, outcome }, seconds),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
