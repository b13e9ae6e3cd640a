// What-ifs in a report page: the page of a network of 1,000 layers is made, its worker's program is run here, and edits are
// asked of it. Medians of processor time from question to answer, warm; the answer is not copied between threads. Judges
// nothing.
//
//   npm run build && node bench/page-what-ifs.mjs [layers]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { inflateRawSync } from 'node:zlib';
import { madePage } from './made-page.mjs';
import { median, milliseconds } from './warm.mjs';

const rounds = 9;
const layers = Number(process.argv[2] ?? 1000);
const edits = ['int8', 'int8 on top:10', 'w8', 'fp16', 'prune 0.5', 'palettize 4'];
const targets = ['rpi4-ncnn', 'github-runner-onnxruntime', 'ethos-u55-256'];

const folder = mkdtempSync(join(tmpdir(), 'model-budget-bench-'));

function partOf(html, id) {
  const start = new RegExp(`<script type="application/octet-stream" id="${id}"[^>]*>`).exec(html);
  const from = start.index + start[0].length;
  return inflateRawSync(Buffer.from(html.slice(from, html.indexOf('</script>', from)), 'base64')).toString();
}

/** The worker of the page, without a thread of its own. */
function startedWorker(html) {
  const answers = [];
  const world = createContext({
    postMessage: (answer) => answers.push(answer),
    console,
    performance,
    TextDecoder,
    TextEncoder,
  });
  runInContext(partOf(html, 'worker'), world);
  world.onmessage({ data: partOf(html, 'models') });
  return (question) => {
    world.onmessage({ data: { id: 1, question } });
    const answer = answers.pop();
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.answer;
  };
}

try {
  const html = readFileSync(madePage(folder, { name: 'page', nodes: layers, targets }), 'utf8');
  console.log(`page of ${layers} layers on ${targets.length} targets: ${(html.length / 1e6).toFixed(2)} MB`);
  let ask;
  console.log(`worker started in ${milliseconds(() => (ask = startedWorker(html))).toFixed(0)} ms`);
  for (const [target, id] of targets.entries()) {
    for (const text of edits) {
      const work = () => ask({ kind: 'whatIf', place: { model: 0, target }, edits: text });
      const first = milliseconds(work);
      for (let round = 0; round < 3; round++) work();
      const times = Array.from({ length: rounds }, () => milliseconds(work));
      const words = [id.padEnd(28), text.padEnd(16), `${median(times).toFixed(0)} ms`.padStart(8)];
      console.log(`${words.join('')}   first ${first.toFixed(0)} ms`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
