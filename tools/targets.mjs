// Writes docs/targets.md: every target of hardware/, with its status and what it was held against.
//
//   node tools/targets.mjs [--check]
//
// `--check` writes nothing and fails where the file is not what the target files say.
import { readdirSync, readFileSync } from 'node:fs';
import { loadModule, root, writePage } from './page.mjs';

const introduction = `# Targets

Every hardware target that model-budget ships, from the files in \`hardware/\`. \`model-budget targets <id>\` prints one of them
with the source of each of its numbers.

**Status**: calibrated targets were fitted to measurements and predict whole families of networks that were left out of
the fit; datasheet targets follow published figures; estimates are neither, and their bands are as wide as their numbers
are uncertain. **Median error** and **band** are those of the families that were left out: of ten predictions, eight were
within the band around what was measured.

This page is made from the files in \`hardware/\` by \`npm run docs\`.
`;

const head =
  '| id | hardware | class | status | runtime | metric | median error | rows | families | band |\n' +
  '| --- | --- | --- | --- | --- | --- | --: | --: | --- | --- |';

/** What target files extend. */
function readBase(name) {
  return readFileSync(new URL(`hardware/bases/${name}.yml`, root), 'utf8');
}

async function readTargets() {
  const { parseTarget } = await loadModule('src/schedule/target-file.ts');
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
await writePage('docs/targets.md', page, 'the target files');
