// Published measurements and the zoo's networks, beside the repository where they are.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readTable } from './table.mjs';
import { bufferSource, compile, parseTarget, prepare, readModel, simulate } from '../../lib/index.js';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const shared = fileURLToPath(new URL('../../../shared/', import.meta.url));

export const dataAvailable = existsSync(`${shared}data/calibrate.csv`) && existsSync(`${shared}zoo/rows.csv`);

/** Measured rows that may be scored: single images, read and not remembered. */
export function measuredRows() {
  return readTable(`${shared}data/calibrate.csv`).filter(
    ({ note, batch, latency_ms }) => !/throughput|memory/.test(note) && batch === '1' && Number(latency_ms) > 0,
  );
}

/** The zoo's file for a measured row, or undefined. */
export function zooFileOf(row) {
  zooRows ??= readTable(`${shared}zoo/rows.csv`);
  return zooRows.find(
    ({ measured_file, measured_model, measured_input_shape }) =>
      measured_file === row.file && measured_model === row.model && measured_input_shape === row.input_shape,
  )?.zoo_file;
}
let zooRows;

export const velaFolder = `${shared}data/vela-5.2/`;

export function readBase(name) {
  return readFileSync(`${root}hardware/bases/${name}.yml`, 'utf8');
}

/** The target of an id such as `ethos-u55-256:high-end-embedded:shared-sram`. */
export function readVariant(id) {
  const [name, ...variant] = id.split(':');
  const path = `hardware/${name}.yml`;
  const targets = parseTarget(readFileSync(`${root}${path}`, 'utf8'), path, readBase);
  return targets.find((target) => target.variant === variant.join(':'));
}

export function readTarget(name, variant = 0) {
  const path = `hardware/${name}.yml`;
  return parseTarget(readFileSync(`${root}${path}`, 'utf8'), path, readBase)[variant];
}

const prepared = new Map();

/** The network compiled for the target; float networks in `type` (`none`: as they are). */
export function scheduleOf(zooFile, target, type) {
  if (!prepared.has(zooFile)) {
    const bytes = readFileSync(`${shared}zoo/${zooFile}`);
    const sources = { get: (path) => (path === '' ? bufferSource(bytes) : undefined) };
    const bindings = { dims: new Map([['batch', 1]]), inputs: new Map() };
    prepared.set(zooFile, prepare(readModel(sources, zooFile), bindings));
  }
  return compile(prepared.get(zooFile), target, { assumedType: type });
}

/** A compiled network on a target with other numbers: what the compiler chose stays. */
export function estimate(schedule, target) {
  return simulate({ ...schedule, target });
}
