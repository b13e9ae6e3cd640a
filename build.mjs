// Builds lib/ (the command line and the library, with its type declarations) and dist/ (the Action, committed).
// `--demo` builds what `npm run demo` runs instead, into .demo/. `--check` builds dist/ beside the committed one and
// fails where they differ.
//
// Dependencies are bundled in: one file read from disk starts faster than a walk through node_modules, and what is
// imported dynamically lands in a chunk of its own, so that a command pays only for what it uses.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { rolldown } from 'rolldown';

const root = import.meta.dirname;

/** A chart library brings a fetch for old versions of Node.js, and a deprecation warning with it; ours has its own. */
const nativeFetch = {
  name: 'native-fetch',
  resolveId: (id) => (id === 'cross-fetch' ? '\0native-fetch' : null),
  load: (id) =>
    id === '\0native-fetch' ? 'export default globalThis.fetch; export const fetch = globalThis.fetch;' : null,
};

/** Packages of the App alone. They start threads and load files of their own, so they stay packages. */
const appPackages = /^(probot|bullmq|ioredis|piscina|pino|prom-client|unstorage|aws4fetch)(\/|$)/;

/** Writes the bundle of `input` (name -> source) into `folder`, emptied first. */
async function bundle(input, folder, options = {}) {
  rmSync(folder, { recursive: true, force: true });
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    logLevel: 'warn',
    plugins: [nativeFetch],
    external: appPackages,
  });
  const { output } = await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    // Flat: src/assets.ts finds the package root one folder up, from src/ and from a bundle alike.
    chunkFileNames: '[name]-[hash].js',
    comments: { legal: true, annotation: true, jsdoc: false },
    ...options,
  });
  await build.close();
  writeFileSync(join(folder, 'licenses.txt'), licences(output.flatMap(({ moduleIds = [] }) => moduleIds)));
}

/** Of every package that is bundled, since its files do not travel otherwise. resvg's WebAssembly is copied beside. */
function licences(modules) {
  const renderer = fileURLToPath(import.meta.resolve('@resvg/resvg-wasm'));
  const folders = new Set([...modules, renderer].flatMap((file) => packageFolder(file) ?? []));
  const texts = [...folders].map(licence).sort();
  return `Packages that are bundled in this folder, and their licences.\n\n${[...new Set(texts)].join('\n')}`;
}

/** `…/node_modules/@scope/name`; undefined for what is our own. */
function packageFolder(file) {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file.replace(/^\0/, ''))?.[0];
}

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? '(the package carries no licence file)' : readFileSync(join(folder, file), 'utf8');
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n\n${text.replaceAll('\r', '').trim()}\n`;
}

/** The WebAssembly module that draws charts; its package is not there beside a bundle. */
function copyRenderer(folder) {
  copyFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm'), join(folder, 'resvg.wasm'));
}

/** The declarations of everything that src/index.ts reaches. */
function declare() {
  const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
}

/** The targets that ship, read and checked, for src/files/compiled-targets.ts. */
async function compileTargets() {
  const { parseTarget } = await import('./lib/index.js');
  mkdirSync(`${root}/lib/compiled-targets`);
  const baseOf = (name) => readFileSync(`${root}/hardware/bases/${name}.yml`, 'utf8');
  for (const file of readdirSync(`${root}/hardware`).filter((name) => name.endsWith('.yml'))) {
    const text = readFileSync(`${root}/hardware/${file}`, 'utf8');
    const targets = parseTarget(text, `hardware/${file}`, baseOf);
    const base = /^extends: *(\S+)/m.exec(text)?.[1];
    const whole = base === undefined ? text : `${text}\n${baseOf(base)}`;
    writeFileSync(`${root}/lib/compiled-targets/${file}.bin`, serialize({ text: whole, targets }));
  }
}

/** The App's server, its worker, and what their threads run. */
const appEntries = { app: 'app', worker: 'worker', 'job-thread': 'app/thread' };

const sourcesOf = (entries) =>
  Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, `${root}/src/${file}.ts`]));

/**
 * What report pages hold: the program of the page and of its worker, as classic scripts, and the style sheet. They go
 * beside the code that writes pages.
 */
async function buildViewer(folder) {
  const source = `${root}/src/report/viewer`;
  for (const [name, file] of [
    ['viewer.js', 'index.tsx'],
    ['viewer-worker.js', 'worker.ts'],
  ]) {
    const build = await rolldown({
      cwd: root,
      input: `${source}/${file}`,
      platform: 'browser',
      logLevel: 'warn',
      transform: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    });
    await build.write({
      file: join(folder, name),
      format: 'iife',
      minify: true,
      comments: { legal: true, jsdoc: false },
    });
    await build.close();
  }
  const sheets = readdirSync(`${source}/styles`).sort();
  const style = sheets.map((sheet) => readFileSync(`${source}/styles/${sheet}`, 'utf8')).join('\n');
  // In every page: without comments and line breaks. No string of ours holds either.
  writeFileSync(
    join(folder, 'viewer.css'),
    style
      .replaceAll(/\/\*[^]*?\*\//g, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
}

async function buildLibrary() {
  await bundle(sourcesOf({ cli: 'cli', index: 'index', ...appEntries }), `${root}/lib`);
  copyRenderer(`${root}/lib`);
  await buildViewer(`${root}/lib`);
  declare();
  await compileTargets();
  chmodSync(`${root}/lib/cli.js`, 0o755);
}

/** Chunks without a hash in their name: a change then shows as a change of a file, not as another file. */
async function buildAction(folder) {
  await bundle({ index: `${root}/src/action.ts` }, folder, { minify: true, chunkFileNames: '[name].js' });
  copyRenderer(folder);
  await buildViewer(folder);
  // The folder works wherever it is copied to.
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
}

/** Names of the files in which two builds differ. */
function differences(one, other) {
  const names = new Set([one, other].flatMap((folder) => readdirSync(folder)));
  const read = (folder, name) => (readdirSync(folder).includes(name) ? readFileSync(join(folder, name)) : Buffer.of());
  return [...names].filter((name) => !read(one, name).equals(read(other, name))).sort();
}

async function checkAction() {
  // Inside the project, so that the sources of both builds have the same relative paths.
  const fresh = mkdtempSync(`${root}/.dist-`);
  try {
    await buildAction(fresh);
    const stale = differences(`${root}/dist`, fresh);
    if (stale.length > 0) {
      console.error(`dist/ is not what the sources build (${stale.join(', ')}): run npm run build and commit dist/`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (process.argv.includes('--check')) {
  await checkAction();
} else if (process.argv.includes('--app')) {
  // For tests, beside lib/ and not in its place.
  await bundle(sourcesOf(appEntries), `${root}/.app`);
  copyRenderer(`${root}/.app`);
  await buildViewer(`${root}/.app`);
} else if (process.argv.includes('--demo')) {
  // Two folders deep, as test/stand-in is: files that it reads are found from both.
  await bundle({ demo: `${root}/demo/demo.ts` }, `${root}/.demo/bundle`);
} else {
  await buildLibrary();
  await buildAction(`${root}/dist`);
  console.log('built lib/ and dist/');
}
