// Holds targets against published measurements and prints the error tables.
//
//   npm run build && node tools/calibrate/calibrate.mjs [target]...
//
// Each target's few fitted numbers are fitted again on all families but one, and that one is predicted: an error on the
// family that was fitted flatters three- to fivefold. The last line of a table gives the factors that all families
// together ask for; the target files hold numbers to which these factors have been applied.
// Needs the measurements and the zoo in ../shared; the tests do not need this script.
import { errorsOf, fit, leaveOneFamilyOut, scaled } from './fit.mjs';
import { dataAvailable, estimate, measuredRows, readTable, readTarget, scheduleOf, zooFileOf } from './tables.mjs';
import { compareWithVela } from './vela.mjs';

const mainClasses = ['convolution', 'pointwise-convolution', 'depthwise-convolution', 'fully-connected', 'matmul'];

const vectors = 'move|add|multiply|divide|exponential|convert|sort';
const mcuClasses = ['default', ...mainClasses].join('|');
const products = mainClasses.join('|');

/** Which rows measured this hardware with this runtime, and which numbers they may move. */
const calibrations = {
  'rpi4-xnnpack': {
    rows: ({ hardware, file }) => file === 'xnnpack.csv' && hardware === 'RPi 4 (BCM2711, ARM64)',
    fitted: [`units.cpu.efficiency.${products}`, `units.cpu.efficiencyByType.int8.${products}`],
  },
  'stm32l4r5-x-cube-ai': {
    rows: ({ hardware, runtime }) => /NUCLEO-L4R5ZI/i.test(hardware) && /X-CUBE-AI v7\.3/.test(runtime),
    // Three networks are too few for rates by class and a test: the ratios come from the same runtime on another chip.
    pattern: {
      rows: ({ hardware, runtime }) => /NUCLEO-H7A3ZI/i.test(hardware) && /X-CUBE-AI v7\.3/.test(runtime),
      fitted: [
        'units.cpu.efficiency.convolution',
        'units.cpu.efficiency.pointwise-convolution|depthwise-convolution',
        'units.cpu.efficiency.fully-connected',
      ],
    },
    // Slower in everything by one factor: arithmetic, per-element work and loads from flash.
    fitted: [
      `units.cpu.efficiency.${mcuClasses} units.cpu.vectorElementsPerCycle.${vectors} memories.flash.efficiency`,
    ],
  },
  'coral-edge-tpu': {
    rows: ({ hardware }) => hardware === 'Coral USB Accelerator (USB 3.0) on that desktop',
    // Sources disagree by half on the size of what was measured here: scored, but nothing is fitted to it.
    scoredOnly: ['Inception-ResNet V2'],
    fitted: ['invokeSeconds', 'memories.usb.efficiency', 'units.tpu.efficiency.default'],
    // Three numbers and few rows: begin where the data sheets leave one, not at what the file already fits.
    start: { invokeSeconds: 1.8e-3, 'memories.usb.efficiency': 0.9, 'units.tpu.efficiency.default': 0.6 },
  },
};

function casesOf({ rows }) {
  const byNetwork = new Map();
  for (const row of measuredRows()) {
    if (!rows(row) || zooFileOf(row) === undefined) continue;
    const name = `${row.model} ${row.dtype}`;
    byNetwork.set(name, [...(byNetwork.get(name) ?? []), row]);
  }
  return [...byNetwork].map(([name, group]) => ({
    name,
    family: group[0].model_family,
    file: zooFileOf(group[0]),
    type: group[0].dtype === 'int8' ? 'int8' : 'none',
    // Repeated runs of one network are one observation.
    seconds: median(group.map(({ latency_ms }) => Number(latency_ms) / 1000)),
  }));
}

function calibrate(name) {
  const calibration = calibrations[name];
  const target = withPattern(readTarget(name), calibration);
  const all = casesOf(calibration).map((one) => ({ ...one, schedule: scheduleOf(one.file, target, one.type) }));
  const isScoredOnly = ({ name }) => (calibration.scoredOnly ?? []).some((model) => name.startsWith(model));
  const cases = all.filter((one) => !isScoredOnly(one));
  const predict = ({ schedule }, factors) => estimate(schedule, scaled(target, factors)).totals.latencySeconds;
  const start = startFactors(target, calibration.start);
  const factors = fit(calibration.fitted, cases, predict, start);
  const results = [
    ...leaveOneFamilyOut(calibration.fitted, cases, predict, start),
    ...all.filter(isScoredOnly).map((one) => ({ ...one, estimated: predict(one, factors) })),
  ];
  console.log(`\n${name} (${target.status})`);
  printRows(results.map((row) => ({ ...row, now: predict(row, {}) })));
  const { median: error, band } = errorsOf(results);
  console.log(`held out: median error ${percent(error)}, measured/estimated ${band.map(round).join(' to ')}`);
  console.log(`factors on all families: ${printFactors(factors)}`);
}

/** Values to begin with, as factors on the file's numbers. */
function startFactors(target, start = {}) {
  const valueAt = (node, [key, ...rest]) =>
    key === undefined ? node : valueAt(Array.isArray(node) ? node.find(({ id }) => id === key) : node[key], rest);
  return Object.fromEntries(
    Object.entries(start).map(([path, value]) => [path, value / valueAt(target, path.split('.'))]),
  );
}

/** The target with the class ratios of another chip's rows, which is faster in everything by the median of the networks. */
function withPattern(target, { rows, pattern }) {
  if (pattern === undefined) return target;
  const here = new Map(casesOf({ rows }).map(({ name, seconds }) => [name, seconds]));
  const speed = median(casesOf(pattern).map(({ name, seconds }) => here.get(name) / seconds));
  const faster = scaled(target, {
    'units.cpu.clockHertz': speed,
    'memories.sram|flash.bandwidthBytesPerSecond': speed,
    'units.cpu.dispatchSeconds': 1 / speed,
  });
  const cases = casesOf(pattern).map((one) => ({ ...one, schedule: scheduleOf(one.file, target, one.type) }));
  const predict = ({ schedule }, factors) => estimate(schedule, scaled(faster, factors)).totals.latencySeconds;
  const factors = fit(pattern.fitted, cases, predict);
  const ratios = cases.map((one) => `${one.name} ${round(one.seconds / predict(one, factors))}`);
  console.log(
    `\n${target.id}: ratios of classes from another chip: ${printFactors(factors)}; left: ${ratios.join(', ')}`,
  );
  return scaled(target, factors);
}

function printFactors(factors) {
  return Object.entries(factors)
    .map((entry) => entry.map(round).join(' '))
    .join(', ');
}

function printRows(rows) {
  console.log('network                                       family            measured   file now   held out   ratio');
  for (const { name, family, seconds, now, estimated } of rows) {
    const cells = [seconds, now, estimated].map((value) => `${(value * 1000).toFixed(2)} ms`.padStart(11)).join('');
    console.log(
      `${name.slice(0, 45).padEnd(46)}${family.padEnd(14)}${cells}${(seconds / estimated).toFixed(2).padStart(8)}`,
    );
  }
}

/**
 * Class rates of ONNX Runtime from measurements per operator class on another machine (see onnxruntime-x64.csv), whose
 * cores do as many multiply-accumulates a cycle: the share of the peak carries over, the clock does not.
 */
function classRates() {
  const runner = readTarget('github-runner-onnxruntime');
  const [unit] = runner.units;
  // Copying on that machine: 95 GB/s from the caches, 20 GB/s from memory, on one core.
  const bandwidths = { l3: 95e9, dram: 20e9 };
  const memories = runner.memories.map((memory) => ({
    ...memory,
    efficiency: 1,
    bandwidthBytesPerSecond: bandwidths[memory.id],
  }));
  const machine = { ...runner, units: [{ ...unit, cores: 1, clockHertz: 3.7e9 }], memories, invokeSeconds: 0 };
  const rows = readTable(new URL('onnxruntime-x64.csv', import.meta.url)).map((row) => ({
    ...row,
    schedule: scheduleOf(row.zoo_file, machine, 'none'),
  }));
  console.log('\ngithub-runner-onnxruntime: seconds by operator class on one core of another x86-64 machine');
  for (const name of [...mainClasses, 'pooling', 'elementwise', 'data-movement']) {
    const cases = rows
      .filter(({ operator_class, seconds }) => operator_class === name && Number(seconds) > 5e-5)
      .map((row) => ({ ...row, family: row.family, seconds: Number(row.seconds) }));
    const path = `units.cpu.efficiency.${name}`;
    const predict = ({ schedule }, factors) => classSeconds(estimate(schedule, scaled(machine, factors)), name);
    const used = cases.filter((one) => predict(one, {}) > 0);
    if (unit.efficiency[name] === undefined || used.length === 0) continue;
    const { median: error, band } = errorsOf(leaveOneFamilyOut([path], used, predict));
    const factor = fit([path], used, predict)[path];
    console.log(
      `${name.padEnd(24)} ${String(used.length).padStart(3)} networks   file ${unit.efficiency[name]}   asks for ` +
        `${round(unit.efficiency[name] * factor)}   held out ${percent(error)}, ${band.map(round).join(' to ')}`,
    );
  }
}

function classSeconds({ schedule, layers }, name) {
  const ofClass = new Set(
    schedule.kernels.filter((kernel) => kernel.operatorClass === name).map((kernel) => kernel.name),
  );
  return layers.reduce((sum, layer) => sum + (ofClass.has(layer.name) ? layer.latencySeconds : 0), 0);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

const round = (value) => (typeof value === 'number' ? Number(value.toPrecision(3)) : value);
const percent = (share) => `${(100 * share).toFixed(1)}%`;

if (!dataAvailable) {
  console.log(
    'The measurements and the zoo are not here (../shared/data, ../shared/zoo): nothing to hold the targets against.',
  );
} else {
  const asked = process.argv.slice(2);
  const wanted = (name) => asked.length === 0 || asked.includes(name);
  for (const name of Object.keys(calibrations).filter(wanted)) calibrate(name);
  if (wanted('github-runner-onnxruntime')) classRates();
  if (wanted('ethos-u55-256')) await compareWithVela();
}
