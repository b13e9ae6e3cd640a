/** The line of code that made a node, from the stack traces that exporters leave in a model. */

/** Python's frames, outermost first: `File "model.py", line 12, in forward`. */
const frame = /File "([^"\n]{1,400})", line (\d{1,9})/g;

/** Traces longer than this are cut: they come from files that anyone may have written. */
const longestTrace = 20_000;

/**
 * `path:line` of the innermost frame of `pkg.torch.onnx.stack_trace` that is not inside of a library; undefined
 * without a trace.
 */
export function sourceLine(metadata: ReadonlyMap<string, string>): string | undefined {
  const trace = metadata.get('pkg.torch.onnx.stack_trace')?.slice(0, longestTrace);
  if (trace === undefined) return undefined;
  const frames = [...trace.matchAll(frame)].map(([, path, line]) => ({ path: path!, line: line! }));
  const own = frames.findLast(({ path }) => !/(^|\/)(site-packages|dist-packages|torch)\//.test(path)) ?? frames.at(-1);
  return own && `${own.path}:${own.line}`;
}
