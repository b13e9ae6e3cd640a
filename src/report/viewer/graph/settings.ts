/** What of the graph is chosen: plain JSON, which a link may hold, so it is read as something that anyone may have written. */

const paints = ['status', 'value', 'change', 'effect'] as const;
export type Paint = (typeof paints)[number];

export interface GraphSettings {
  /** Id of the module that is open. */
  readonly module: string;
  /** Id; one that there is not is the first. */
  readonly metric: string;
  /** What colours stand for: what became of a layer, the metric, its change, or that of the what-if. */
  readonly paint: Paint;
  /** Rows whose cards stay. */
  readonly pins: readonly number[];
}

const usual: GraphSettings = { module: '', metric: 'latency', paint: 'status', pins: [] };

const mostPins = 12;

/** What cannot be read is as usual. */
export function readGraphSettings(given: unknown): GraphSettings {
  const { module, metric, paint, pins } = (given ?? {}) as Readonly<Record<keyof GraphSettings, unknown>>;
  const rows = Array.isArray(pins) ? pins.filter((pin): pin is number => Number.isInteger(pin) && pin >= 0) : [];
  return {
    module: typeof module === 'string' ? module : usual.module,
    metric: typeof metric === 'string' ? metric : usual.metric,
    paint: paints.find((one) => one === paint) ?? usual.paint,
    pins: [...new Set(rows)].slice(0, mostPins),
  };
}

/** What holds of another model and target, too. */
export function graphWithoutRows(given: unknown): GraphSettings {
  const { metric, paint } = readGraphSettings(given);
  return { ...usual, metric, paint };
}

export function withPin(settings: GraphSettings, row: number): GraphSettings {
  return { ...settings, pins: [...settings.pins.filter((pin) => pin !== row), row].slice(-mostPins) };
}

export function withoutPin(settings: GraphSettings, row: number): GraphSettings {
  return { ...settings, pins: settings.pins.filter((pin) => pin !== row) };
}
