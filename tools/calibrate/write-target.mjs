// Writes numbers into a target file where they stand; the rest of the text, its comments among it, stays.
import { readFileSync, writeFileSync } from 'node:fs';
import { isMap, isScalar, parseDocument } from 'yaml';

/**
 * `values`: path to number; `validation`: rows of the error table. Numbers of a variant or version are written into its own
 * block where it has them, else where all variants share them.
 */
export function writeNumbers(file, target, { values, validation }) {
  const text = readFileSync(file, 'utf8');
  const document = parseDocument(text);
  const edits = [...values].map(([path, value]) => {
    const node = scalarAt(document, target, path.split('.'));
    if (node === undefined) throw new Error(`${file}: no number stands at ${path}`);
    return { range: node.range, text: printNumber(value) };
  });
  const table = nodeAt(document, target, ['validation']);
  if (table === undefined)
    throw new Error(`${file}: needs "validation: []" to write the error table of ${target.id} to`);
  edits.push({ range: table.range, text: `[${validation.map(printRow).join(', ')}]\n` });
  applyEdits(file, text, edits);
}

/** Into the block of the version or variant where that has a status of its own. */
export function writeStatus(file, target, status) {
  const text = readFileSync(file, 'utf8');
  applyEdits(file, text, [{ range: nodeAt(parseDocument(text), target, ['status']).range, text: status }]);
}

function applyEdits(file, text, edits) {
  edits.sort((a, b) => b.range[0] - a.range[0]);
  const written = edits.reduce(
    (whole, { range, text: part }) => whole.slice(0, range[0]) + part + whole.slice(range[1]),
    text,
  );
  writeFileSync(file, written);
}

function scalarAt(document, target, path) {
  const node = nodeAt(document, target, path);
  const value = isMap(node) ? node.get('value', true) : node;
  return isScalar(value) && typeof value.value === 'number' ? value : undefined;
}

function nodeAt(document, target, path) {
  const places = [
    ...(target.variant === '' ? [] : [['variants', target.variant, ...path]]),
    ['versions', target.runtime.version, ...path],
    path,
  ];
  return places.map((place) => document.getIn(place, true)).find((node) => node !== undefined);
}

function printRow({ metric, band, medianAbsoluteError, rows, families, source }) {
  const [low, high] = band.map(printNumber);
  return (
    `{ metric: ${metric}, band: [${low}, ${high}], medianAbsoluteError: ${printNumber(medianAbsoluteError)}, ` +
    `rows: ${rows}, families: [${families.join(', ')}], source: '${source}' }`
  );
}

function printNumber(value) {
  return String(Number(value.toPrecision(3)));
}
