/** Values of several rows together; NaN where none of the rows has one. */

export function sumTogether(values: Float64Array, rows: readonly number[]): number {
  let [sum, there] = [0, false];
  for (const row of rows) {
    const value = values[row]!;
    if (!Number.isNaN(value)) [sum, there] = [sum + value, true];
  }
  return there ? sum : NaN;
}

export function maximumTogether(values: Float64Array, rows: readonly number[]): number {
  let most = NaN;
  for (const row of rows) if (!(values[row]! <= most) && !Number.isNaN(values[row]!)) most = values[row]!;
  return most;
}
