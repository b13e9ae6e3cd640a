// The rules of the house are only worth something if they can fail: each test here breaks one on purpose, in a
// temporary folder, and sees the tool complain.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folders: string[] = [];

/** A project of these files (path -> text) with this repository's configuration files and packages. */
function projectOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'house-rules-'));
  folders.push(folder);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  const settings = readdirSync(root).filter((name) => /^(package\.json|tsconfig\..*|.*\.config\.mjs)$/.test(name));
  for (const name of settings) copyFileSync(join(root, name), join(folder, name));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function runTool(
  folder: string,
  script: string,
  options: readonly string[],
): { status: number | null; output: string } {
  const tool = spawnSync(process.execPath, [join(root, 'node_modules', script), ...options], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status: tool.status, output: tool.stdout + tool.stderr };
}

interface Cruise {
  readonly summary: { readonly violations: readonly { readonly rule: { readonly name: string } }[] };
}

/** Names of the import rules that these files break, sorted. */
function brokenImportRules(files: Readonly<Record<string, string>>): string[] {
  const options = ['--config', 'dependency-cruiser.config.mjs', '--output-type', 'json', 'src'];
  const { output } = runTool(projectOf(files), 'dependency-cruiser/bin/dependency-cruise.mjs', options);
  const { violations } = (JSON.parse(output) as Cruise).summary;
  return [...new Set(violations.map((violation) => violation.rule.name))].sort();
}

const value = (name: string) => `export const ${name} = 1;\n`;
const use = (name: string, from: string) => `import { ${name} } from '${from}';\nexport const used = [${name}];\n`;
const useType = (name: string, from: string) =>
  `import type { ${name} } from '${from}';\nexport type Used = readonly ${name}[];\n`;

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('import rules', () => {
  test('let a room use itself and earlier rows', () => {
    const broken = brokenImportRules({
      'src/errors.ts': value('error'),
      'src/ir/graph.ts': use('error', '../errors.ts'),
      'src/ir/print.ts': use('used', './graph.ts'),
      'src/formats/index.ts': use('onnx', './onnx.ts'),
      'src/formats/onnx.ts': "import { z } from 'zod';\nexport const onnx = z.string();\n",
      'src/assets.ts': value('assets'),
      'src/cli.ts': use('assets', './assets.ts'),
    });
    expect(broken).toEqual([]);
  });

  test('refuse a later row, a neighbour, an index, a cycle and a room without a row', () => {
    const broken = brokenImportRules({
      'src/ir/graph.ts': use('kernel', '../schedule/kernel.ts'),
      'src/schedule/kernel.ts': value('kernel'),
      'src/formats/onnx.ts': use('fold', '../passes/fold.ts'),
      'src/passes/fold.ts': value('fold'),
      'src/operators/index.ts': value('operators'),
      'src/operators/matmul.ts': use('operators', './index.ts'),
      'src/compare/diff.ts': use('used', './match.ts'),
      'src/compare/match.ts': use('used', './diff.ts'),
      'src/attic/old.ts': value('old'),
      'src/cli.ts': use('old', './attic/old.ts'),
    });
    expect(broken).toEqual(['known-rooms', 'no-cycles', 'no-index-operators', 'one-way-formats', 'one-way-ir']);
  });

  test('refuse a type from a later row, a package that does not ship and a missing file', () => {
    const broken = brokenImportRules({
      'src/units.ts': useType('Report', './report/report.ts'),
      'src/report/report.ts': 'export interface Report {\n  readonly a: number;\n}\n',
      'src/review.ts': use('test', 'vitest'),
      'src/config.ts': use('nowhere', './nowhere.ts'),
    });
    expect(broken).toEqual(['declared-dependencies', 'one-way-units', 'resolvable']);
  });
});

describe('the type check of the pure core', () => {
  const checkCore = (files: Readonly<Record<string, string>>) =>
    runTool(projectOf(files), 'typescript/bin/tsc', ['-p', 'tsconfig.core.json', '--pretty', 'false']);

  test('passes what only needs the language and the text codecs', () => {
    const { status, output } = checkCore({
      'src/ir/text.ts': 'export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);\n',
      'src/cli.ts': 'export const here = process.cwd();\n',
    });
    expect(output).toBe('');
    expect(status).toBe(0);
  });

  test('refuses Buffer, process, node: modules and the DOM', () => {
    const { status, output } = checkCore({
      'src/ir/buffer.ts': "export const buffer = Buffer.from('a');\n",
      'src/schedule/clock.ts': 'export const memory = process.memoryUsage();\n',
      'src/formats/file.ts': "export { readFileSync } from 'node:fs';\n",
      'src/report/page.ts': 'export const page = document.title;\n',
      'src/units.ts': "import { sep } from 'node:path';\nexport const separator = sep;\n",
    });
    expect(status).not.toBe(0);
    const files = [...output.matchAll(/^(src\/\S+?)\(/gm)].map((match) => match[1]);
    expect([...new Set(files)].sort()).toEqual([
      'src/formats/file.ts',
      'src/ir/buffer.ts',
      'src/report/page.ts',
      'src/schedule/clock.ts',
      'src/units.ts',
    ]);
  });

  test('stays blind to Node even where packages that ship are imported', () => {
    const packages = ['yaml', 'zod', 'markdown-table', 'echarts', '@noble/hashes/sha2.js'];
    const imports = packages.map((name, i) => `import * as p${String(i)} from '${name}';`).join('\n');
    const list = packages.map((_, i) => `p${String(i)}`).join(', ');
    const { output } = checkCore({
      'src/report/all.ts': `${imports}\nexport const all = [${list}, process.pid];\n`,
    });
    expect(output).toMatch(/^src\/report\/all\.ts\(\d+,\d+\): error TS2591: Cannot find name 'process'/);
  });
});
