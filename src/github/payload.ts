/** Reads foreign JSON: own keys only, and nothing is assumed to be there. */

/** What lies at a path such as `pull_request.head.sha`; undefined where any step of it is missing. */
export function valueAt(payload: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => {
    const own = typeof at === 'object' && at !== null && Object.hasOwn(at, key);
    return own ? (at as Readonly<Record<string, unknown>>)[key] : undefined;
  }, payload);
}
