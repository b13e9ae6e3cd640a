// Holds the Hexagon target against Qualcomm AI Hub: QNN on a QCS8550, in three number formats.
//
//   npm run build && node tools/calibrate/hexagon.mjs
//
// Five numbers are fitted, one for each kind of cost, with the same weight for every family; each family is predicted with
// what the others gave. FCN-ResNet50 is scored and not fitted: its rows are five times what its layers would take, which
// no other network with the same layers shows. Sequencer is left out, since its graph is not known to be the same.
import { errorsOf, fit, leaveOneFamilyOut, scaled } from './resimulated-fit.mjs';
import { dataAvailable, estimate, measuredRows, readTarget, scheduleOf, zooFileOf } from './tables.mjs';

const types = { float: 'float16', w8a8: 'int8', w8a16: 'int16' };
const products = 'convolution|pointwise-convolution|transposed-convolution|fully-connected|matmul';
const fitted = [
  'invokeSeconds',
  'units.npu.dispatchSeconds',
  `units.npu.efficiency.${products}`,
  `units.npu.efficiencyByType.float16.${products}`,
  'units.npu.efficiency.depthwise-convolution units.npu.efficiencyByType.float16.depthwise-convolution',
];

if (dataAvailable) calibrate();
else console.log('The measurements and the zoo are not here: nothing to hold the target against.');

function calibrate() {
  // Bands do not matter to a fit, and without the origins of its numbers a target is copied faster.
  const target = { ...readTarget('snapdragon-8-gen-2-hexagon'), provenance: [] };
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
  for (const type of [undefined, ...Object.values(types)]) {
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
  return measuredRows().flatMap((row) => {
    const type = types[row.dtype];
    const isOurs = row.file === 'qualcomm_ai_hub.csv' && /^QCS8550/.test(row.hardware) && /qnn_dlc$/.test(row.runtime);
    const file = isOurs && type !== undefined ? zooFileOf(row) : undefined;
    if (file === undefined || file.startsWith('timm-sequencer')) return [];
    const schedule = scheduleOf(file, target, type === 'float16' ? 'none' : type);
    const seconds = Number(row.latency_ms) / 1000;
    return [{ name: `${row.model} ${row.dtype}`, family: row.model_family, type, schedule, seconds }];
  });
}
