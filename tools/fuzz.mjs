// Mutates model files, reads what comes out and infers its types, for a bounded time: a reader must give a model or one
// line, within 5 seconds and 512 MiB. Needs `npm run build`. Exits 1 and names the seed of an input that broke the rule.
//
//   node tools/fuzz.mjs [inputs per reader] [first seed] [reader ...]     readers: onnx tflite mlmodel mlpackage
//   node tools/fuzz.mjs --show reader seed > file                         the input of that seed
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { mutateBytes } from './fuzz/bytes.mjs';
import { mutateFlat } from './fuzz/flatbuffer.mjs';
import { mutateMessage } from './fuzz/protobuf.mjs';
import { pick, randomFrom } from './fuzz/random.mjs';
import { readers } from './fuzz/seeds.mjs';

const mostSeconds = 5;
const mostMebibytes = 512;
/** Inputs between two signs of life. */
const stride = 64;
/** Inputs that one worker sees. */
const share = 50_000;

/** One to four changes, most of them in the format's own terms. */
function mutated({ seeds, words }, number) {
  const random = randomFrom(number);
  const seed = pick(seeds, random);
  let current = seed;
  const rounds = 1 + Math.floor(4 * random() ** 2);
  for (let round = 0; round < rounds; round += 1) {
    const structured = random() < 0.7;
    const bytes = structured && (seed.tables ? mutateFlat(current, random) : mutateMessage(current, random, words));
    current = { bytes: bytes || mutateBytes(current, random) };
  }
  return { seed, bytes: current.bytes };
}

/** What the reader made of an input: `read` or the kind of its refusal; throws what is no refusal in one line. */
function outcomeOf({ library, reader, input }) {
  const nothing = { dims: new Map(), inputs: new Map() };
  let kind = 'refused late';
  try {
    const model = library.readModel(reader.open(input.bytes, input.seed), reader.path);
    kind = 'read';
    library.inspectDocument(library.inferModel(model, nothing), 'm');
    library.prepare(model, nothing);
    return kind;
  } catch (error) {
    // Inference of a model that was read may refuse it too.
    if (!(error instanceof library.UserError)) throw error;
    if (!/^(m\.\w+|the model): [^\n]+$/.test(error.message))
      throw new Error(`a refusal like no other: ${error.message}`);
    return kind === 'read' ? kind : error.message.replace(/"[^"]*"|\[.*?\]|-?\d[\d.e+]*/g, '*');
  }
}

async function work({ name, inputs, firstSeed }) {
  const library = await import('../lib/index.js');
  const reader = readers[name]();
  const kinds = new Map();
  const worst = { slowestSeconds: 0, slowestSeed: firstSeed, peakMebibytes: 0, largestSeed: firstSeed };
  for (let number = firstSeed; number < firstSeed + inputs; number += 1) {
    if (number % stride === 0) parentPort.postMessage({ seed: number });
    const input = mutated(reader, number);
    const started = performance.now();
    try {
      const kind = outcomeOf({ library, reader, input });
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    } catch (error) {
      parentPort.postMessage({ problem: `seed ${number}: ${error.stack}` });
    }
    const seconds = (performance.now() - started) / 1000;
    if (seconds > worst.slowestSeconds) Object.assign(worst, { slowestSeconds: seconds, slowestSeed: number });
    const mebibytes = process.resourceUsage().maxRSS / 1024;
    if (mebibytes > worst.peakMebibytes) Object.assign(worst, { peakMebibytes: mebibytes, largestSeed: number });
  }
  parentPort.postMessage({ outcome: { ...worst, kinds } });
}

/** One worker's share: { outcome, problems }. */
function fuzz(name, inputs, firstSeed) {
  return new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { name, inputs, firstSeed },
      // A young generation that holds the garbage of many inputs makes a run twice as fast.
      resourceLimits: { maxOldGenerationSizeMb: mostMebibytes, maxYoungGenerationSizeMb: 64 },
    });
    const problems = [];
    let seed = firstSeed;
    let outcome;
    // None of the inputs between two signs of life may take longer than the limit.
    const late = () => end(`no sign of life after seed ${seed}: an input takes too long`);
    let watch = setTimeout(late, stride * 1000 * mostSeconds);
    function end(problem) {
      clearTimeout(watch);
      void worker.terminate();
      resolve({ outcome, problems: problem === undefined ? problems : [...problems, problem] });
    }
    worker.on('message', (message) => {
      clearTimeout(watch);
      watch = setTimeout(late, stride * 1000 * mostSeconds);
      if (message.problem !== undefined) problems.push(message.problem);
      seed = message.seed ?? seed;
      outcome = message.outcome;
    });
    worker.on('error', (error) => end(`${error.message} (at most ${stride} behind seed ${seed})`));
    worker.on('exit', () => end(outcome && broken(outcome)));
  });
}

function broken({ slowestSeconds, slowestSeed, peakMebibytes, largestSeed }) {
  if (slowestSeconds > mostSeconds) return `seed ${slowestSeed} is slow`;
  return peakMebibytes > mostMebibytes ? `seed ${largestSeed} takes too much memory` : undefined;
}

/** All inputs of a reader, a share at a time: what kills a worker costs its share alone. */
async function fuzzReader(name, inputs, firstSeed) {
  const started = performance.now();
  const kinds = new Map();
  let slowest = { slowestSeconds: 0, slowestSeed: firstSeed };
  let peakMebibytes = 0;
  for (let first = firstSeed; first < firstSeed + inputs; first += share) {
    const { outcome, problems } = await fuzz(name, Math.min(share, firstSeed + inputs - first), first);
    for (const problem of problems) console.error(`${name}: ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
    if (outcome === undefined) continue;
    for (const [kind, count] of outcome.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
    if (outcome.slowestSeconds > slowest.slowestSeconds) slowest = outcome;
    peakMebibytes = Math.max(peakMebibytes, outcome.peakMebibytes);
  }
  const all = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  const read = kinds.get('read') ?? 0;
  const each = (performance.now() - started) / inputs;
  console.log(
    `${name}: ${all} inputs, ${read} read, the others refused in ${kinds.size - 1} ways; ${each.toFixed(2)} ms each, the ` +
      `slowest ${(1000 * slowest.slowestSeconds).toFixed(0)} ms (seed ${slowest.slowestSeed}); peak ${peakMebibytes.toFixed(0)} MiB`,
  );
}

async function main([inputs = 20_000, firstSeed = 1, ...names]) {
  for (const name of names.length > 0 ? names : Object.keys(readers)) {
    await fuzzReader(name, Number(inputs), Number(firstSeed));
  }
}

if (!isMainThread) await work(workerData);
else if (process.argv[2] === '--show') {
  const [, , , name, seed] = process.argv;
  process.stdout.write(mutated(readers[name](), Number(seed)).bytes);
} else await main(process.argv.slice(2));
