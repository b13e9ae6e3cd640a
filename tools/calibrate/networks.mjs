// Networks of a folder, compiled for a target.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bufferSource, compile, prepare, readModel } from '../../lib/index.js';

/** Compiles a network once for each target, type and input shape; `undefined` where the file is not there. */
export function networksOf(folder) {
  const prepared = new Map();
  const schedules = new Map();
  return (file, shape, target, type) => {
    const path = join(folder, file);
    if (!existsSync(path)) return undefined;
    const key = `${file} ${shape}`;
    if (!prepared.has(key)) prepared.set(key, prepareNetwork(path, file, shape));
    const scheduleKey = `${key} ${target.id} ${type}`;
    if (!schedules.has(scheduleKey)) {
      schedules.set(scheduleKey, compile(prepared.get(key), target, { assumedType: type }));
    }
    return schedules.get(scheduleKey);
  };
}

/** `shape`: `1x3x224x224`, of the only input; the first is the batch. */
function prepareNetwork(path, name, shape) {
  const bytes = readFileSync(path);
  const sources = { get: (part) => (part === '' ? bufferSource(bytes) : undefined) };
  const model = readModel(sources, name);
  const sizes = shape === '' ? [] : shape.split('x').map(Number);
  return prepare(model, { dims: new Map([['batch', sizes[0] ?? 1]]), inputs: inputShapes(model, sizes) });
}

function inputShapes(model, sizes) {
  const [input, ...others] = model.graph.inputs;
  return input === undefined || others.length > 0 || sizes.length === 0 ? new Map() : new Map([[input, sizes]]);
}
