// What `calibrate` and `validate` are given, and the targets that ship.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseTarget } from '../../lib/index.js';
import { networkFinder } from './measurements.mjs';
import { networksOf } from './networks.mjs';
import { readTable } from './table.mjs';

export const hardwareFolder = fileURLToPath(new URL('../../hardware/', import.meta.url));
const committed = (name) => `${hardwareFolder}measurements/${name}`;
/** Measurements and networks that are not part of the repository, where they lie beside it. */
export const besideFolder = fileURLToPath(new URL('../../../shared/', import.meta.url));
const defaultZoo = `${besideFolder}zoo`;

/** `--rows FILE --map FILE… --zoo DIR`; what is left out is what the repository holds, and the zoo beside it. */
export function readArguments(usage) {
  let given;
  try {
    given = parseArgs({
      allowPositionals: true,
      options: {
        rows: { type: 'string', default: committed('rows.csv') },
        map: { type: 'string', multiple: true, default: [committed('networks.csv')] },
        zoo: { type: 'string', default: defaultZoo },
        format: { type: 'string', default: 'text' },
      },
    });
  } catch (error) {
    fail(`${error.message}\n${usage}`);
  }
  const { values, positionals } = given;
  if (!['text', 'json'].includes(values.format)) fail(`--format is text or json, not "${values.format}"`);
  for (const path of [values.rows, ...values.map]) if (!existsSync(path)) fail(`${path}: no such file`);
  if (!existsSync(values.zoo)) fail(`${values.zoo}: no such folder; --zoo names the folder of the networks`);
  return {
    rows: readTable(values.rows),
    findNetwork: networkFinder(values.map.flatMap((path) => readTable(path))),
    schedule: networksOf(values.zoo),
    format: values.format,
    asked: positionals,
  };
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

/** Every version and variant of every target that ships, with its file. */
export function shippedTargets() {
  return readdirSync(hardwareFolder)
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .flatMap((name) => {
      const file = `${hardwareFolder}${name}`;
      return parseTarget(readFileSync(file, 'utf8'), `hardware/${name}`, readBase).map((target) => ({ target, file }));
    });
}

/** The first variant of a file's newest version. */
export function shippedTarget(id) {
  return shippedTargets().find(({ target }) => target.id === id)?.target;
}

/** What target files extend. */
function readBase(name) {
  const file = `${hardwareFolder}bases/${name}.yml`;
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
