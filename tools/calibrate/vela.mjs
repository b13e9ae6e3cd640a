// Holds the Ethos-U targets against Arm's compiler (ethos-u-vela 5.2): cycles of every layer, totals and the SRAM arena, for
// the networks and configurations of the shared estimates and, in a table of their own, for held-out ones: a folder with
// a subfolder for each run of Vela, `<network>__<accelerator>__<system>__<memory mode>`, with its reports in it, and the
// networks beside them (`--held-out <runs> <networks>`, `--blind <runs> <networks>`). `--write` puts the tables into docs/ethos-u.md.
import { fileURLToPath } from 'node:url';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bufferSource, compile, prepare, readModel, simulate } from '../../lib/index.js';
import { format, resolveConfig } from 'prettier';
import { readTable } from './table.mjs';
import { besideFolder, hardwareFolder, shippedTargets } from './arguments.mjs';

const targets = new Map(shippedTargets().map(({ target }) => [`${target.hardware}:${target.variant}`, target]));
const velaFolder = `${besideFolder}data/vela-5.2/`;

const prepared = new Map();

function modelAt(path) {
  if (!prepared.has(path)) {
    const sources = new Map([['', bufferSource(readFileSync(path))]]);
    const model = prepare(readModel(sources, path), { dims: new Map(), inputs: new Map() });
    prepared.set(path, { model, sources });
  }
  return prepared.get(path);
}

/** Vela's names of a configuration as the target's id. */
function targetId(accelerator, system, memory) {
  const words = (name) =>
    name
      .replace(/^Ethos_U\d+_/, '')
      .toLowerCase()
      .replaceAll('_', '-');
  return `${accelerator}:${words(system)}:${words(memory)}`;
}

/** What the processor takes to hand over is not in Vela's cycles. */
function withoutHandover(target) {
  return { ...target, units: target.units.map((unit) => ({ ...unit, handoverSeconds: 0 })) };
}

/** One run: errors of layers that Vela gives cycles to, of the total, and of the arena. */
function compareRun({ network, accelerator, system, memory, perLayer, sramBytes }) {
  const target = withoutHandover(targets.get(targetId(accelerator, system, memory)));
  const { model, sources } = modelAt(network);
  const { layers, totals } = simulate(compile(model, target, { sources }));
  const { clockHertz } = target.units[0];
  const theirs = new Map();
  let total = 0;
  for (const row of readTable(perLayer)) {
    total += Number(row['Op Cycles']);
    // A softmax's operations bear the name of its input.
    if (row.Name.includes('_softmax_')) continue;
    const name = row.Name.replace(/_intermediate$|_rescaled$|_tiled_axis_.*|^input_buffer_/, '');
    theirs.set(name, (theirs.get(name) ?? 0) + Number(row['Op Cycles']));
  }
  const npu = layers.filter(({ unit, nodes }) => unit === target.units[0].id && nodes.length > 0);
  const errors = npu.flatMap(({ op, nodes, latencySeconds }) => {
    if (op === 'Softmax') return [];
    const cycles = [...new Set(nodes)].reduce((sum, name) => sum + (theirs.get(name) ?? 0), 0);
    return cycles > 0 ? [Math.abs((latencySeconds * clockHertz) / cycles - 1)] : [];
  });
  const ours = npu.reduce((sum, { latencySeconds }) => sum + latencySeconds * clockHertz, 0);
  return {
    configuration: targetId(accelerator, system, memory),
    errors,
    total: ours / total - 1,
    arena: totals.peakMemoryBytes / sramBytes - 1,
  };
}

function sharedRuns() {
  const isOurs = ({ accelerator }) => accelerator.startsWith('ethos-u55') || accelerator.startsWith('ethos-u65');
  return readTable(`${velaFolder}estimates.csv`)
    .filter(isOurs)
    .map(({ model, accelerator, system, memory, per_layer_csv: file, sram_memory_used: kibibytes }) => ({
      network: join(velaFolder, '../../models', `${model}.tflite`),
      ...{ accelerator, system, memory, perLayer: velaFolder + file, sramBytes: Number(kibibytes) * 1024 },
    }));
}

function heldOutRuns(folder, models) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const [name, accelerator, system, memory] = entry.name.split('__');
    const network = join(models, `${name}.tflite`);
    const summary = join(folder, entry.name, `${name}_summary_${system}.csv`);
    if (!entry.isDirectory() || !existsSync(network) || !existsSync(summary)) return [];
    const [{ sram_memory_used: kibibytes }] = readTable(summary);
    const perLayer = join(folder, entry.name, `${name}_per-layer.csv`);
    return [{ network, accelerator, system, memory, perLayer, sramBytes: Number(kibibytes) * 1024 }];
  });
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const percent = (value) => `${(100 * value).toFixed(2)}%`;
const worst = (values) => values.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);

function table(runs) {
  const byConfiguration = new Map();
  for (const result of runs.map(compareRun)) {
    const { configuration } = result;
    byConfiguration.set(configuration, [...(byConfiguration.get(configuration) ?? []), result]);
  }
  const rows = [...byConfiguration].map(([configuration, results]) => {
    const errors = results.flatMap((result) => result.errors);
    const totals = results.map(({ total }) => total);
    const arenas = results.map(({ arena }) => arena);
    const cells = [
      `\`${configuration}\``,
      results.length,
      errors.length,
      percent(median(errors)),
      percent(errors.filter((error) => error > 0.1).length / Math.max(1, errors.length)),
      percent(median(totals.map(Math.abs))),
      percent(worst(totals)),
      percent(median(arenas.map(Math.abs))),
      percent(worst(arenas)),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| configuration | networks | layers | median error | layers off by > 10% | totals: median | worst | arena: median | worst |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

async function compareWithVela() {
  const tables = { shared: table(sharedRuns()) };
  console.log(`\n${tables.shared}`);
  for (const name of ['held-out', 'blind']) {
    const at = process.argv.indexOf(`--${name}`);
    if (at < 0) continue;
    const [folder, models] = process.argv.slice(at + 1);
    tables[name] = table(heldOutRuns(folder, models));
    console.log(`\n${name} (${basename(models)})\n${tables[name]}`);
  }
  if (process.argv.includes('--write')) await writeTables(tables);
}

/** Between the comments `<!-- name -->` and `<!-- /name -->`. */
async function writeTables(tables) {
  const path = join(hardwareFolder, '../docs/ethos-u.md');
  let text = readFileSync(path, 'utf8');
  for (const [name, content] of Object.entries(tables)) {
    const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    text = text.replace(between, `$1\n${content}\n\n$2`);
  }
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compareWithVela();
