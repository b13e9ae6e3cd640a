/**
 * Bytes with bursts filled up: a transfer (one contiguous run) moves whole bursts. Runs count by their mean length. One that
 * does not start on a burst touches one more; runs of rows and tiles start where they like, so this is the lower end.
 */
export function filledBytes(bytes: number, transfers: number, burstBytes: number): number {
  const runs = Math.max(1, Math.min(transfers, bytes));
  return bytes === 0 ? 0 : runs * Math.ceil(bytes / runs / burstBytes) * burstBytes;
}
