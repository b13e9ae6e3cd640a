// Which measured rows may be scored, what target answers to each, and which network it ran.

/** Why a row is not a measured latency of one inference; undefined where it is. */
export function unfit({ note = '', latency_ms, batch = '' }) {
  if (!(Number(latency_ms) > 0)) return 'no latency';
  if (/throughput/.test(note)) return 'a throughput, not a latency';
  if (/\bmemory\b/.test(note)) return 'remembered, not read';
  if (!/^[1-9][0-9]*$/.test(batch === '' ? '1' : batch)) return `batch "${batch}" is no number`;
  return undefined;
}

/** `*` stands for any text. */
function fitsPattern(pattern, text) {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** The target that a row belongs to and the type it computes in; undefined: none answers to it. */
export function targetFor(row, targets) {
  for (const target of targets) {
    for (const { hardware, runtime, types } of target.measurements ?? []) {
      const type = types[row.dtype ?? ''];
      if (type === undefined) continue;
      const here = hardware.some((pattern) => fitsPattern(pattern, row.hardware));
      if (here && runtime.some((pattern) => fitsPattern(pattern, row.runtime))) return { target, type };
    }
  }
  return undefined;
}

/**
 * Finds the network of a row: by file, model and input shape; by batch and dtype where the map has them. The dtype of a
 * map is `int8` or anything else for all others.
 */
export function networkFinder(maps) {
  const byModel = new Map();
  for (const map of maps) {
    const key = keyOf(map.measured_file, map.measured_model, map.measured_input_shape);
    byModel.set(key, [...(byModel.get(key) ?? []), map]);
  }
  return (row) => {
    const candidates = byModel.get(keyOf(row.file, row.model, row.input_shape)) ?? [];
    const batch = row.batch || '1';
    return candidates.find(
      ({ measured_batch = '', dtype = '' }) =>
        (measured_batch === '' || measured_batch === batch) &&
        (dtype === '' || (dtype === 'int8') === (row.dtype === 'int8')),
    );
  };
}

function keyOf(file, model, shape) {
  return JSON.stringify([file, model, shape]);
}
