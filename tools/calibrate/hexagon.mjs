// Holds the Hexagon target against Qualcomm AI Hub: QNN on a QCS8550, in three number formats.
//
//   npm run build && node tools/calibrate/hexagon.mjs [--rows FILE --map FILE --zoo DIR]
//
// Five numbers are fitted, one for each kind of cost, with the same weight for every family; each family is predicted with
// what the others gave. FCN-ResNet50 is scored and not fitted: its rows are five times what its layers would take, which
// no other network with the same layers shows. Sequencer is left out, since its graph is not known to be the same.
import { errorsOf, estimate, fit, leaveOneFamilyOut, scaled } from './resimulated-fit.mjs';
import { readArguments, shippedTarget } from './arguments.mjs';
import { targetFor, unfit } from './measurements.mjs';

const products = 'convolution|pointwise-convolution|transposed-convolution|fully-connected|matmul';
const fitted = [
  'invokeSeconds',
  'units.npu.dispatchSeconds',
  `units.npu.efficiency.${products}`,
  `units.npu.efficiencyByType.float16.${products}`,
  'units.npu.efficiency.depthwise-convolution units.npu.efficiencyByType.float16.depthwise-convolution',
];

const { rows, findNetwork, schedule } = readArguments(
  'node tools/calibrate/hexagon.mjs [--rows FILE --map FILE --zoo DIR]',
);
calibrate();

function calibrate() {
  // Bands do not matter to a fit, and without the origins of its numbers a target is copied faster.
  const target = { ...shippedTarget('snapdragon-8-gen-2-hexagon'), provenance: [] };
  const cases = casesFor(target);
  const predict = ({ schedule }, factors) => estimate(schedule, scaled(target, factors)).totals.latencySeconds;
  const isScoredOnly = ({ name }) => name.startsWith('fcn_resnet50');
  const used = cases.filter((one) => !isScoredOnly(one));
  const factors = fit(fitted, used, predict);
  const results = [
    ...leaveOneFamilyOut(fitted, used, predict),
    ...cases.filter(isScoredOnly).map((one) => ({ ...one, estimated: predict(one, factors) })),
  ];
  for (const { name, family, seconds, estimated } of results) {
    const cells = [seconds, estimated].map((value) => `${(value * 1000).toFixed(2)} ms`.padStart(11)).join('');
    console.log(`${name.padEnd(34)}${family.padEnd(17)}${cells}${(seconds / estimated).toFixed(2).padStart(8)}`);
  }
  for (const type of [undefined, 'float16', 'int8', 'int16']) {
    const rows = results.filter((one) => type === undefined || one.type === type);
    const { median, band } = errorsOf(rows);
    const [low, high] = band.map((ratio) => ratio.toFixed(2));
    console.log(
      `held out, ${type ?? 'all'}: ${rows.length} rows, median error ${(100 * median).toFixed(1)}%, ${low} to ${high}`,
    );
  }
  console.log('factors on all families:', factors);
}

function casesFor(target) {
  return rows.flatMap((row) => {
    const found = unfit(row) === undefined ? targetFor(row, [target]) : undefined;
    const network = found && findNetwork(row);
    if (network === undefined || network.zoo_file.startsWith('timm-sequencer')) return [];
    const compiled = schedule(network.zoo_file, network.input_shape_to_use, target, found.type);
    if (compiled === undefined) return [];
    const seconds = Number(row.latency_ms) / 1000;
    return [
      { name: `${row.model} ${row.dtype}`, family: row.model_family, type: found.type, schedule: compiled, seconds },
    ];
  });
}
