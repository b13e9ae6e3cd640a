// Holds the Coral target against the benchmark table of coral.ai, and prints what its three fitted numbers would be.
//
//   npm run build && node tools/calibrate/coral.mjs
//
// Each family is predicted with what the others gave: an error on the family that was fitted flatters three- to fivefold.
import { errorsOf, fit, leaveOneFamilyOut, scaled } from './resimulated-fit.mjs';
import { dataAvailable, estimate, measuredRows, readTarget, scheduleOf, zooFileOf } from './tables.mjs';

const fitted = ['invokeSeconds', 'memories.usb.efficiency', 'units.tpu.efficiency.default'];
/** Three numbers and few rows: begin where the data sheets leave one, not at what the file already fits. */
const begin = { invokeSeconds: 1.8e-3, 'memories.usb.efficiency': 0.9, 'units.tpu.efficiency.default': 0.6 };
/** Sources disagree by half on the size of what was measured here: scored, but nothing is fitted to it. */
const scoredOnly = 'Inception-ResNet V2';

if (dataAvailable) calibrate();
else console.log('The measurements and the zoo are not here: nothing to hold the target against.');

function calibrate() {
  const target = readTarget('coral-edge-tpu');
  const all = casesFor(target);
  const predict = ({ schedule }, factors) => estimate(schedule, scaled(target, factors)).totals.latencySeconds;
  const used = all.filter(({ name }) => name !== scoredOnly);
  const start = {
    invokeSeconds: begin.invokeSeconds / target.invokeSeconds,
    'memories.usb.efficiency':
      begin['memories.usb.efficiency'] / target.memories.find(({ id }) => id === 'usb').efficiency,
    'units.tpu.efficiency.default':
      begin['units.tpu.efficiency.default'] / target.units.find(({ id }) => id === 'tpu').efficiency.default,
  };
  const factors = fit(fitted, used, predict, start);
  const results = [
    ...leaveOneFamilyOut(fitted, used, predict, start),
    ...all.filter(({ name }) => name === scoredOnly).map((one) => ({ ...one, estimated: predict(one, factors) })),
  ];
  for (const { name, family, seconds, estimated } of results) {
    const cells = [seconds, estimated].map((value) => `${(value * 1000).toFixed(2)} ms`.padStart(11)).join('');
    console.log(`${name.padEnd(24)}${family.padEnd(14)}${cells}${(seconds / estimated).toFixed(2).padStart(8)}`);
  }
  const { median, band } = errorsOf(results);
  console.log(
    `held out: median error ${(100 * median).toFixed(1)}%, ${band.map((ratio) => ratio.toFixed(2)).join(' to ')}`,
  );
  console.log('factors on all families:', factors);
}

function casesFor(target) {
  return measuredRows().flatMap((row) => {
    const isOurs = row.hardware === 'Coral USB Accelerator (USB 3.0) on that desktop';
    const file = isOurs ? zooFileOf(row) : undefined;
    if (file === undefined) return [];
    const seconds = Number(row.latency_ms) / 1000;
    return [{ name: row.model, family: row.model_family, schedule: scheduleOf(file, target, 'int8'), seconds }];
  });
}
