// Where a fit begins and how far it may go: the same for every target, so that a fit never depends on the one before it.
//
// Fitted numbers are those that a target file calls so. Those that a processor's arithmetic hangs on share a factor of
// their own (the block), for some cores reach more of their peak than others in everything; single numbers then differ
// from each other by the spread. All in logarithms.

const efficiencies = {
  convolution: 0.5,
  winograd: 0.5,
  'grouped-convolution': 0.4,
  'pointwise-convolution': 0.6,
  'depthwise-convolution': 0.25,
  'transposed-convolution': 0.4,
  'fully-connected': 0.4,
  matmul: 0.5,
  recurrent: 0.3,
  'data-movement': 0.5,
  default: 0.4,
};

/** For each 32-bit lane of the unit's vectors. */
const elementsPerLane = {
  move: 0.5,
  add: 0.5,
  multiply: 0.5,
  divide: 0.1,
  exponential: 0.08,
  convert: 0.4,
  sort: 0.01,
};

/** Operations that share one fitted factor: whole networks cannot tell them apart. */
const vectorGroup = { divide: 'hard', exponential: 'hard', sort: 'hard' };

/** Paths of the numbers that the target's file calls fitted. */
export function fittedPaths({ provenance }) {
  return provenance
    .filter(({ path, kind, value }) => kind === 'fitted' && value !== 0 && path !== activePower)
    .map(({ path }) => path);
}

/** Fitted without the others: the median of what the energy runs drew. */
export const activePower = 'energy.activeWatts';

/**
 * `{ parameter, block, start, spread }` of the number at `path` of the target: numbers with the same parameter share a
 * factor.
 */
export function neutralOf(path, target) {
  const [, unitId, field, ...rest] = path.split('.');
  const unit = target.units.find(({ id }) => id === unitId);
  if (field === 'efficiency' && unit !== undefined) {
    return { parameter: path, block: unitId, start: efficiencies[rest[0]] ?? 0.6, spread: 0.5 };
  }
  if (field === 'efficiencyByType') {
    const [type, name] = rest;
    return { parameter: path, block: `${unitId} ${type}`, start: efficiencies[name] ?? 0.6, spread: 0.5 };
  }
  if (field === 'vectorElementsPerCycle') {
    const parameter = `units.${unitId}.${field}.${vectorGroup[rest[0]] ?? 'simple'}`;
    return { parameter, block: unitId, start: elementsPerLane[rest[0]] * lanesOf(unit), spread: 0.5 };
  }
  if (path.endsWith('winograd.transformedElementsPerCycle')) {
    return { parameter: path, block: unitId, start: 0.5 * lanesOf(unit), spread: 0.5 };
  }
  if (path.endsWith('dispatchSeconds')) return { parameter: path, block: '', start: 1e-5, spread: 1 };
  if (path.endsWith('groupSeconds')) return { parameter: path, block: '', start: 4e-6, spread: 1 };
  if (path === 'invokeSeconds') return { parameter: path, block: '', start: 1e-3, spread: 1 };
  if (path.startsWith('memories.') && path.endsWith('.efficiency')) {
    return { parameter: path, block: '', start: 0.5, spread: 0.7 };
  }
  throw new Error(`${target.id}: ${path} is said to be fitted, but there is no rule to fit it by`);
}

/** 32-bit lanes; a microcontroller also loads, requantizes and stores each element by instructions of their own. */
function lanesOf({ kind, macsPerCycle }) {
  return kind === 'mcu' ? 0.2 : Math.max(1, macsPerCycle.float32 ?? (macsPerCycle.float16 ?? 2) / 2);
}

/** Shares of a peak end at 1; links may reach theirs, no memory gives all of its bandwidth. */
export function largestOf(path, { memories }) {
  const memory = memories.find(({ id }) => path.startsWith(`memories.${id}.`));
  if (memory !== undefined) return memory.bound === 'link' ? 1 : 0.9;
  return /\.efficiency(ByType\.[a-z0-9]+)?(\.|$)/.test(path) ? 1 : Infinity;
}
