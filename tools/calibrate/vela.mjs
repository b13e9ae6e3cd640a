// Holds the Ethos-U target against Arm's compiler (ethos-u-vela 5.2), layer by layer: an estimate against an estimate.
import { readdirSync } from 'node:fs';
import { errorsOf } from './fit.mjs';
import { estimate, readTable, readTarget, scheduleOf, velaFolder } from './tables.mjs';

/** Vela's networks that have a twin in the zoo. */
const twins = {
  ad01_int8: 'mlperf_tiny-ad-autoencoder-640.onnx',
  pretrainedResnet_quant: 'mlperf_tiny-ic-resnet8-32.onnx',
  vww_96_int8: 'mlperf_tiny-vww-mobilenet_v1_0.25-96.onnx',
  'mobilenet_v1_0.25_128_quant': 'mobilenet_v1_0.25-128.onnx',
  'mobilenet_v1_0.5_160_quant': 'mobilenet_v1_0.5-160.onnx',
};

/** Variants of the target by Vela's names for system and memory mode. */
const configurations = {
  Ethos_U55_High_End_Embedded__Shared_Sram: 'high-end-embedded:shared-sram',
  Ethos_U55_High_End_Embedded__Sram_Only: 'high-end-embedded:sram-only',
};

const products = new Set(['Conv2D', 'DepthwiseConv2D', 'FullyConnected']);

export function compareWithVela() {
  const reports = new Set(readdirSync(`${velaFolder}per-layer`));
  const all = [];
  console.log('\nethos-u55-256 against Vela 5.2: cycles of the layers with multiply-accumulates');
  for (const [configuration, variant] of Object.entries(configurations)) {
    const target = readTarget('ethos-u55-256', Object.values(configurations).indexOf(variant));
    for (const [network, zooFile] of Object.entries(twins)) {
      const report = `${network}__ethos-u55-256__${configuration}.csv`;
      if (!reports.has(report)) continue;
      const layers = pairsOf(
        readTable(`${velaFolder}per-layer/${report}`),
        scheduleOf(zooFile, target, 'int8'),
        target,
      );
      const { median, band } = errorsOf(layers);
      const sum = (key) => layers.reduce((total, layer) => total + layer[key], 0);
      console.log(
        `${network.padEnd(30)}${variant.padEnd(32)}${String(layers.length).padStart(3)} layers   median error ` +
          `${(100 * median).toFixed(1)}%   Vela/ours ${band.map((value) => value.toFixed(2)).join(' to ')}   ` +
          `total ${(sum('seconds') / sum('estimated')).toFixed(2)}`,
      );
      if (process.argv.includes('--layers')) printLayers(layers);
      all.push(...layers);
    }
  }
  const { median, band } = errorsOf(all);
  console.log(
    `all ${all.length} layers: median error ${(100 * median).toFixed(1)}%, ${band.map((value) => value.toFixed(2)).join(' to ')}`,
  );
}

/** Layers of one size in their order: the two compilers may order branches differently, not repeat them. */
function pairsOf(report, schedule, target) {
  const rows = report.filter((row) => products.has(row['NNG Operator']) && Number(row['MAC Count']) > 0);
  const { layers } = estimate(schedule, target);
  const bySize = (a, b) => a.macs - b.macs || a.place - b.place;
  const theirs = rows
    .map((row, place) => ({
      place,
      macs: Number(row['MAC Count']),
      operator: row['NNG Operator'],
      cycles: Number(row['Op Cycles']),
      npu: Number(row.NPU),
      flash: Number(row['OffFlash AC']),
      sram: Number(row['SRAM AC']),
    }))
    .sort(bySize);
  const ours = layers
    .map((layer, place) => ({ ...layer, place }))
    .filter(({ macs }) => macs > 0)
    .sort(bySize);
  return theirs.map((row, index) => ({
    ...row,
    name: ours[index].name,
    ourMacs: ours[index].macs,
    bound: ours[index].bound,
    seconds: row.cycles,
    estimated: ours[index].latencySeconds * target.units[0].clockHertz,
  }));
}

function printLayers(layers) {
  for (const { operator, macs, ourMacs, cycles, npu, sram, flash, estimated, bound } of layers.sort(
    (a, b) => a.place - b.place,
  )) {
    console.log(
      `  ${operator.padEnd(18)}${String(macs).padStart(10)}${macs === ourMacs ? ' ' : '*'} Vela ${cycles} (npu ${npu}, sram ${sram}, flash ${flash})` +
        `   ours ${estimated.toFixed(0)} ${bound}   ${(cycles / estimated).toFixed(2)}`,
    );
  }
}
