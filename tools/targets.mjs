// Writes docs/targets.md: every target of hardware/, with its status and what it was held against.
//
//   node tools/targets.mjs [--check]
//
// `--check` writes nothing and fails where the file is not what the target files say.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { rolldown } from 'rolldown';

const root = new URL('../', import.meta.url);
const path = fileURLToPath(new URL('docs/targets.md', root));

const introduction = `# Targets

Every hardware target that model-budget ships, from the files in \`hardware/\`. \`model-budget targets <id>\` prints one of them
with the source of each of its numbers.

**Status**: calibrated targets were fitted to measurements and predict whole families of networks that were left out of
the fit; datasheet targets follow published figures; estimates are neither, and their bands are as wide as their numbers
are uncertain. **Median error** and **band** are those of the families that were left out: the band is measured over
estimated, from the 10th to the 90th percentile.

This page is made from the files in \`hardware/\` by \`npm run docs\`.
`;

const head =
  '| id | hardware | class | status | runtime | metric | median error | rows | families | band |\n' +
  '| --- | --- | --- | --- | --- | --- | --: | --: | --- | --- |';

async function loadParser() {
  const input = fileURLToPath(new URL('src/schedule/target-file.ts', root));
  const bundle = await rolldown({ input, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  return import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`);
}

/** What target files extend. */
function readBase(name) {
  return readFileSync(new URL(`hardware/bases/${name}.yml`, root), 'utf8');
}

async function readTargets() {
  const { parseTarget } = await loadParser();
  const folder = new URL('hardware/', root);
  const names = readdirSync(folder).filter((name) => name.endsWith('.yml'));
  return names
    .sort()
    .flatMap((name) => parseTarget(readFileSync(new URL(name, folder), 'utf8'), `hardware/${name}`, readBase));
}

/** A row for each metric that was checked; one without figures where none was. */
function rowsOf({ id, name, class: kind, status, runtime, validation }) {
  const first = [`\`${id}\``, name, kind, status, `${runtime.name} ${runtime.version}`];
  const checked = validation.map(({ metric, medianAbsoluteError, rows, families, band }) => [
    metric,
    `${(100 * medianAbsoluteError).toFixed(1)}%`,
    rows,
    families.join(', '),
    band.join(' to '),
  ]);
  const cells = checked.length > 0 ? checked : [['–', '–', '–', '–', '–']];
  return cells.map((more) => `| ${[...first, ...more].map(escaped).join(' | ')} |`);
}

function escaped(cell) {
  return String(cell).replaceAll('|', '\\|').replaceAll('_', '\\_');
}

const targets = await readTargets();
const counts = ['calibrated', 'datasheet', 'estimate'].map(
  (status) => `${targets.filter((target) => target.status === status).length} ${status}`,
);
const page = `${introduction}\n${targets.length} targets: ${counts.join(', ')}.\n\n${head}\n${targets.flatMap(rowsOf).join('\n')}\n`;
const text = await format(page, { ...(await resolveConfig(path)), parser: 'markdown' });
if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (readOrNothing() !== text) {
  console.error('docs/targets.md is not what the target files say: run npm run docs');
  process.exitCode = 1;
}

function readOrNothing() {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
