// Mutates the fixtures, reads what comes out and infers its types, for a bounded time: a reader must give a model or one
// line, within 5 seconds and 512 MiB. `node tools/fuzz.mjs [inputs per format] [first seed]`; needs `npm run build`. Exits 1 and names
// the seed of an input that broke the rule.
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const folder = join(import.meta.dirname, '..', 'fixtures', 'models');
const mostSeconds = 5;
const mostMebibytes = 512;
const formats = ['.onnx', '.tflite'];

/** Mulberry32: a number in [0, 1) for each call, the same for the same seed everywhere. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const interesting = [0, 1, 2, 4, 8, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

/** Each takes the bytes, a random place and a source of numbers, and gives the bytes that are left. */
const mutations = [
  function flipBit(bytes, at, random) {
    bytes[at] ^= 1 << Math.floor(8 * random());
    return bytes;
  },
  function setByte(bytes, at, random) {
    bytes[at] = Math.floor(256 * random());
    return bytes;
  },
  /** A length or an offset that lies. */
  function setNumber(bytes, at, random) {
    const place = Math.min(bytes.length - 4, at - (at % 4));
    if (place < 0) return bytes;
    const value = random() < 0.5 ? interesting[Math.floor(interesting.length * random())] : 65536 * random();
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(place, value, true);
    return bytes;
  },
  /** An offset that points somewhere else in the file: back at a parent, into another table, into itself. */
  function moveOffset(bytes, at, random) {
    const place = Math.min(bytes.length - 4, at - (at % 4));
    if (place < 0) return bytes;
    const target = Math.floor(bytes.length * random());
    new DataView(bytes.buffer, bytes.byteOffset).setInt32(place, target - place, true);
    return bytes;
  },
  (bytes, at) => bytes.slice(0, at),
  /** A stretch of the file once more: deep nesting, repeated fields. */
  function repeat(bytes, at, random) {
    const piece = bytes.slice(at, at + 1 + Math.floor(64 * random()));
    const copies = new Uint8Array(piece.length * (1 + Math.floor(16 * random()))).map(
      (_, index) => piece[index % piece.length],
    );
    return Uint8Array.from([...bytes.slice(0, at), ...copies, ...bytes.slice(at)]);
  },
  function remove(bytes, at, random) {
    return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1 + Math.floor(16 * random()))]);
  },
];

function mutated(seeds, seed) {
  const random = randomFrom(seed);
  let bytes = Uint8Array.from(seeds[Math.floor(seeds.length * random())]);
  const rounds = 1 + Math.floor(4 * random() ** 2);
  for (let round = 0; round < rounds && bytes.length > 0; round += 1) {
    const mutation = mutations[Math.floor(mutations.length * random())];
    bytes = mutation(bytes, Math.floor(bytes.length * random()), random);
  }
  return bytes;
}

async function work({ extension, inputs, firstSeed }) {
  const { inspectDocument, inferModel, prepare, readModel, UserError } = await import('../lib/index.js');
  const nothing = { dims: new Map(), inputs: new Map() };
  // Large files are mostly weights, which are as good as any other bytes.
  const files = readdirSync(folder).filter((name) => extname(name) === extension);
  const seeds = files.map((name) => readFileSync(join(folder, name))).filter((bytes) => bytes.length < 200_000);
  const outcome = { models: 0, refused: 0, slowest: 0, slowestSeed: firstSeed };
  for (let seed = firstSeed; seed < firstSeed + inputs; seed += 1) {
    if (seed % 64 === 0) parentPort.postMessage({ seed });
    const bytes = mutated(seeds, seed);
    const source = { byteLength: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
    const started = performance.now();
    try {
      const model = readModel(new Map([['', source]]), `m${extension}`);
      outcome.models += 1;
      inspectDocument(inferModel(model, nothing), 'm');
      prepare(model, nothing);
    } catch (error) {
      // Inference of a model that was read may refuse it too.
      if (!(error instanceof UserError)) throw new Error(`seed ${seed}: ${error.stack}`);
      outcome.refused += 1;
    }
    const seconds = (performance.now() - started) / 1000;
    if (seconds > outcome.slowest) Object.assign(outcome, { slowest: seconds, slowestSeed: seed });
  }
  parentPort.postMessage({ outcome });
}

function fuzz(extension, inputs, firstSeed) {
  return new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { extension, inputs, firstSeed },
      resourceLimits: { maxOldGenerationSizeMb: mostMebibytes },
    });
    let seed = firstSeed;
    let outcome;
    // 64 inputs between two signs of life, of which none may take longer than the limit.
    const late = () => end(`no sign of life after seed ${seed}: an input takes too long`);
    let watch = setTimeout(late, 64_000 * mostSeconds);
    function end(problem) {
      clearTimeout(watch);
      void worker.terminate();
      resolve({ extension, outcome, problem });
    }
    worker.on('message', (message) => {
      clearTimeout(watch);
      watch = setTimeout(late, 64_000 * mostSeconds);
      seed = message.seed ?? seed;
      outcome = message.outcome;
    });
    worker.on('error', (error) => end(`${error.message} (at most 64 behind seed ${seed})`));
    worker.on('exit', () =>
      end(outcome && outcome.slowest > mostSeconds ? `seed ${outcome.slowestSeed} is slow` : undefined),
    );
  });
}

if (isMainThread) {
  const inputs = Number(process.argv[2] ?? 20_000);
  const firstSeed = Number(process.argv[3] ?? 1);
  for (const extension of formats) {
    const { outcome, problem } = await fuzz(extension, inputs, firstSeed);
    if (outcome) {
      const { models, refused, slowest } = outcome;
      console.log(`${extension}: ${models} read, ${refused} refused, the slowest in ${(1000 * slowest).toFixed(0)} ms`);
    }
    if (problem !== undefined) {
      console.error(`${extension}: ${problem}`);
      process.exitCode = 1;
    }
  }
} else await work(workerData);
