// How far predictions are from measurements. A result has `target`, `measured` and `predicted` (seconds or joules), its
// band `[low, high]` and, for ratios, the `network` and `family`.

export function metricsOf(results) {
  const ratios = results.map(({ measured, predicted }) => predicted / measured);
  const errors = ratios.map((ratio) => Math.abs(ratio - 1)).sort((a, b) => a - b);
  const within = (limit) => share(errors, (error) => error <= limit);
  return {
    rows: results.length,
    medianAbsoluteError: quantile(errors, 0.5),
    within10: within(0.1),
    within25: within(0.25),
    within50: within(0.5),
    bias:
      quantile(
        ratios.toSorted((a, b) => a - b),
        0.5,
      ) - 1,
    spearman: spearman(results),
    inBand: share(
      results.filter(({ band }) => band !== undefined),
      ({ measured, band }) => band[0] <= measured && measured <= band[1],
    ),
    ...ratioMetrics(results),
  };
}

/** Two networks of one family on one target: is the ratio of their predictions that of their measurements? */
function ratioMetrics(results) {
  const errors = [];
  let signs = 0;
  let rightSigns = 0;
  for (const [index, base] of results.entries()) {
    for (const head of results.slice(index + 1)) {
      if (head.target !== base.target || head.type !== base.type || head.family !== base.family) continue;
      if (head.network === base.network) continue;
      const measured = head.measured / base.measured;
      const predicted = head.predicted / base.predicted;
      errors.push(Math.abs(predicted / measured - 1));
      if (Math.abs(measured - 1) < 0.03) continue;
      signs++;
      if (measured > 1 === predicted > 1) rightSigns++;
    }
  }
  return {
    ratios: errors.length,
    medianRatioError: quantile(
      errors.sort((a, b) => a - b),
      0.5,
    ),
    signRight: signs === 0 ? null : rightSigns / signs,
  };
}

/** Rank correlation of measured and predicted, by target and type, weighted by rows; ties share their rank. */
function spearman(results) {
  const groups = [...groupBy(results, ({ target, type }) => `${target} ${type}`).values()].filter(
    (group) => group.length >= 3,
  );
  const rows = groups.reduce((sum, group) => sum + group.length, 0);
  if (rows === 0) return null;
  return groups.reduce((sum, group) => sum + (group.length / rows) * rankCorrelation(group), 0);
}

function rankCorrelation(group) {
  const a = ranks(group.map(({ measured }) => measured));
  const b = ranks(group.map(({ predicted }) => predicted));
  const mean = (group.length + 1) / 2;
  const product = (left, right) => left.reduce((sum, value, i) => sum + (value - mean) * (right[i] - mean), 0);
  const scale = Math.sqrt(product(a, a) * product(b, b));
  return scale === 0 ? 0 : product(a, b) / scale;
}

function ranks(values) {
  const order = values.map((_, index) => index).sort((a, b) => values[a] - values[b]);
  const rank = Array.from({ length: values.length }, () => 0);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]] === values[order[start]]) end++;
    for (let i = start; i <= end; i++) rank[order[i]] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return rank;
}

function share(items, isIn) {
  return items.length === 0 ? null : items.filter(isIn).length / items.length;
}

/** Linear between the two nearest of sorted values; null without values. */
export function quantile(sorted, part) {
  if (sorted.length === 0) return null;
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** Map.groupBy of later versions of the language. */
export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
