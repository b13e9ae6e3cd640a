// Troubles on demand: answers that GitHub, its proxies or the network give instead of the real one.

export interface Fault {
  /** Any method by default */
  readonly method?: string;
  /** Tested on the path with its query, without the API's own prefix; any path by default */
  readonly path?: RegExp;
  /** How often it strikes; once by default */
  readonly times?: number;
  /** How many matching requests pass before it strikes; none by default */
  readonly after?: number;
  /** Answers with this status, body and headers. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Cuts the connection without an answer. */
  readonly drop?: boolean;
  /** Cuts the connection in the middle of the real answer. */
  readonly cut?: boolean;
  /** Carries the request out and only then fails, as when the answer is lost on the way. */
  readonly applied?: boolean;
  readonly delayMilliseconds?: number;
}

/** A fault and how much of it is left. */
interface Waiting {
  readonly fault: Fault;
  passes: number;
  strikes: number;
}

export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  /** The fault that strikes this request, if any. */
  readonly take: (method: string, path: string) => Fault | null;
}

export function makeFaults(first: readonly Fault[], failEachCallOnce?: number): Faults {
  let waiting: Waiting[] = [];
  const called = new Set<string>();
  const add = (fault: Fault) => {
    waiting.push({ fault, passes: fault.after ?? 0, strikes: fault.times ?? 1 });
  };
  first.forEach(add);
  return {
    add,
    clear: () => (waiting = []),
    take: (method, path) =>
      takeListed(waiting, method, path) ?? takeFirst(called, `${method} ${path}`, failEachCallOnce),
  };
}

function takeListed(waiting: readonly Waiting[], method: string, path: string): Fault | null {
  for (const entry of waiting) {
    const { fault } = entry;
    const matches = (fault.method ?? method) === method && (fault.path?.test(path) ?? true);
    if (!matches || entry.strikes === 0) continue;
    if (entry.passes > 0) entry.passes -= 1;
    else {
      entry.strikes -= 1;
      return fault;
    }
  }
  return null;
}

function takeFirst(called: Set<string>, call: string, status: number | undefined): Fault | null {
  if (status === undefined || called.has(call)) return null;
  called.add(call);
  return { status, body: { message: 'Server Error' } };
}

/** What GitHub says to a client that writes too fast. */
export function secondaryRateLimit(
  where: Pick<Fault, 'method' | 'path' | 'times' | 'after'>,
  retryAfterSeconds = 1,
): Fault {
  return {
    ...where,
    status: 403,
    headers: { 'retry-after': String(retryAfterSeconds) },
    body: {
      documentation_url:
        'https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      status: '403',
    },
  };
}
