// Builds lib/: bundled JavaScript for the entries that exist, and type declarations for the library.
//
// Dependencies are bundled in: one file read from disk starts faster than a walk through node_modules, and what is
// imported dynamically lands in a chunk of its own, so that a command pays only for what it uses.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { rolldown } from 'rolldown';

const root = import.meta.dirname;
const entries = ['cli', 'index', 'demo'];

/** The entries whose source exists, as the bundler wants them: name -> file. */
function presentEntries() {
  const present = entries.filter((name) => existsSync(`${root}/src/${name}.ts`));
  return Object.fromEntries(present.map((name) => [name, `${root}/src/${name}.ts`]));
}

async function bundle(input) {
  const build = await rolldown({ cwd: root, input, platform: 'node', logLevel: 'warn' });
  await build.write({
    dir: 'lib',
    format: 'esm',
    entryFileNames: '[name].js',
    // Flat: src/assets.ts finds the package root one folder up, from src/ and from lib/ alike.
    chunkFileNames: '[name]-[hash].js',
    comments: { legal: true, annotation: true, jsdoc: false },
  });
  await build.close();
}

/** The declarations of everything that src/index.ts reaches. */
function declare() {
  const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
}

/** The targets that ship, read and checked, for src/cli/compiled-targets.ts. */
async function compileTargets() {
  const { parseTarget } = await import('./lib/index.js');
  mkdirSync(`${root}/lib/compiled-targets`);
  for (const file of readdirSync(`${root}/hardware`).filter((name) => name.endsWith('.yml'))) {
    const text = readFileSync(`${root}/hardware/${file}`, 'utf8');
    const targets = parseTarget(text, `hardware/${file}`);
    writeFileSync(`${root}/lib/compiled-targets/${file}.bin`, serialize({ text, targets }));
  }
}

rmSync(`${root}/lib`, { recursive: true, force: true });
const input = presentEntries();
if (Object.keys(input).length > 0) await bundle(input);
if ('index' in input) declare();
if ('index' in input) await compileTargets();
if ('cli' in input) chmodSync(`${root}/lib/cli.js`, 0o755);
console.log(`built ${Object.keys(input).join(', ') || 'nothing: no entry exists yet'}`);
