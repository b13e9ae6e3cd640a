/** The stack traces that exporters leave on nodes: where the model's own code called what became a node. */

export interface Frame {
  /** As Python had it on the machine of the export: never to be printed. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** PyTorch's exporter through `torch.export`: `File "model.py", line 12, in forward`, outermost first. */
const graphExporterFrame = /^[ \t]*File "([^"\n]{1,4096})", line (\d{1,9})(?!\d)/gm;

/** Its TorchScript exporter writes `model.py(12): forward`, innermost first, into the doc string, where it is verbose. */
const scriptExporterFrame = /^([^\n]{1,4096})\((\d{1,9})\): /gm;

/** Traces longer than this are cut at their outer end: they come from files that anyone may have written. */
const longestTrace = 20_000;

/** What called the exporter made no layer: `torch.onnx.export` in a script, with all that called the script. */
const exporter = /[\\/]torch[\\/](onnx[\\/](__init__|utils|_internal)|export[\\/](__init__|_trace)|jit[\\/]_trace)\b/;

/**
 * Frames of Python files, innermost first, up to the exporter itself; none where a node has no trace.
 * @param metadata of a node, its doc string under `doc_string`
 */
export function framesOf(metadata: ReadonlyMap<string, string>): readonly Frame[] {
  const frames = graphExporterFrames(metadata) ?? scriptExporterFrames(metadata);
  const end = frames.findIndex(({ path }) => exporter.test(path));
  // `<string>` and notebooks' cells are no files.
  return frames.slice(0, end < 0 ? undefined : end).filter(({ path, line }) => line > 0 && /[^\\/]\.py$/.test(path));
}

function graphExporterFrames(metadata: ReadonlyMap<string, string>): readonly Frame[] | undefined {
  const trace = metadata.get('pkg.torch.onnx.stack_trace');
  return trace ? matches(trace.slice(-longestTrace), graphExporterFrame).toReversed() : undefined;
}

function scriptExporterFrames(metadata: ReadonlyMap<string, string>): readonly Frame[] {
  const trace = metadata.get('doc_string');
  return trace === undefined ? [] : matches(trace.slice(0, longestTrace), scriptExporterFrame);
}

function matches(trace: string, frame: RegExp): readonly Frame[] {
  return [...trace.matchAll(frame)].map(([, path, line]) => ({ path: path!, line: Number(line) }));
}
