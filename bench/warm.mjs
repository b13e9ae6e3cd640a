// What the benches of the library in one warm process share: the library, the shipped targets, processor time.
import { existsSync, readFileSync } from 'node:fs';

const built = new URL('../lib/index.js', import.meta.url);
const hardware = new URL('../hardware/', import.meta.url);

if (!existsSync(built)) throw new Error('lib/ is not there: npm run build');
export const library = await import(built.href);

export function targetOf(id) {
  const read = (path) => readFileSync(new URL(path, hardware), 'utf8');
  return library.parseTarget(read(`${id}.yml`), `hardware/${id}.yml`, (base) => read(`bases/${base}.yml`))[0];
}

/** A model of one file with no dimension left open. */
export function preparedOf(bytes, name) {
  const { bufferSource, prepare, readModel } = library;
  const sources = new Map([['', bufferSource(bytes)]]);
  return prepare(readModel(sources, name), { dims: new Map(), inputs: new Map() });
}

/** Of the process, so that neighbours on the machine do not count. */
export function milliseconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
