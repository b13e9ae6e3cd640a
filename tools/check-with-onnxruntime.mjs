// Runs models in ONNX Runtime and holds the shapes and dtypes of their outputs against what `inspect` says.
//
//   node tools/check-with-onnxruntime.mjs FOLDER_WITH_ONNXRUNTIME_NODE model.onnx [flags of inspect] [-- model.onnx …]
//
// ONNX Runtime is no dependency: install it anywhere (`ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`) and
// name that folder. Prints a line per model; ends with 1 when any differs.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../lib/cli.js', import.meta.url));
const [folder, ...rest] = process.argv.slice(2);
const { InferenceSession, Tensor } = createRequire(join(folder, 'package.json'))('onnxruntime-node');

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** Splits at `--`: every part is a model and its flags. */
function jobs(args) {
  const parts = [[]];
  for (const arg of args) {
    if (arg === '--') parts.push([]);
    else parts.at(-1).push(arg);
  }
  return parts.filter((part) => part.length > 0);
}

function inspect([model, ...flags]) {
  const text = execFileSync(process.execPath, [cli, 'inspect', model, '--format', 'json', '--quiet', ...flags], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(text);
}

/** Zeros: shapes that depend on data then are what zeros make them, so such outputs are left out below. */
function feedsFor(inputs) {
  return Object.fromEntries(
    inputs.map(({ name, dtype, shape }) => {
      const elements = shape.reduce((left, right) => left * right, 1);
      return [name, new Tensor(dtype, new arrays[dtype](elements), shape)];
    }),
  );
}

async function check(job) {
  const document = inspect(job);
  const session = await InferenceSession.create(job[0], { logSeverityLevel: 3 });
  const results = await session.run(feedsFor(document.inputs));
  const differences = document.outputs.flatMap(({ name, dtype, shape, dataDependent }) => {
    if (dataDependent !== undefined) return [];
    const real = results[name];
    const said = `${dtype} ${shape.join('x')}`;
    const made = `${real.type} ${real.dims.join('x')}`;
    return said === made ? [] : [`${name}: we say ${said}, ONNX Runtime made ${made}`];
  });
  console.log(`${differences.length === 0 ? 'equal ' : 'DIFFERS'} ${document.outputs.length} outputs of ${job[0]}`);
  for (const difference of differences) console.log(`        ${difference}`);
  return differences.length;
}

let differing = 0;
if (jobs(rest).length === 0) throw new Error('no model named: nothing was checked');
for (const job of jobs(rest)) differing += await check(job);
process.exitCode = differing === 0 ? 0 : 1;
