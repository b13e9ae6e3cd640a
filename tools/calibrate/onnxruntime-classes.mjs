// Prints the rates of operator classes that ONNX Runtime reached on another machine, for github-runner-onnxruntime.
//
//   npm run build && node tools/calibrate/onnxruntime-classes.mjs [--zoo DIR]
//
// onnxruntime-x64.csv holds seconds by class, measured with measure_onnxruntime.py.
import { readArguments, shippedTarget } from './arguments.mjs';
import { errorsOf, estimate, fit, leaveOneFamilyOut, scaled } from './resimulated-fit.mjs';
import { readTable } from './table.mjs';

const classes = [
  'convolution',
  'pointwise-convolution',
  'depthwise-convolution',
  'fully-connected',
  'matmul',
  'pooling',
  'elementwise',
  'data-movement',
];

const round = (value) => Number(value.toPrecision(3));
const percent = (share) => `${(100 * share).toFixed(1)}%`;

const { schedule: scheduleOf } = readArguments('node tools/calibrate/onnxruntime-classes.mjs [--zoo DIR]');
classRates();

/**
 * Class rates of ONNX Runtime from measurements per operator class on another machine (see onnxruntime-x64.csv), whose
 * cores do as many multiply-accumulates a cycle: the share of the peak carries over, the clock does not.
 */
function classRates() {
  const runner = shippedTarget('github-runner-onnxruntime');
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
    schedule: scheduleOf(row.zoo_file, '', machine, 'none'),
  }));
  console.log('\ngithub-runner-onnxruntime: seconds by operator class on one core of another x86-64 machine');
  for (const name of classes) {
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
