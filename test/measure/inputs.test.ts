import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { givenInputs } from '../../src/measure/given-inputs.ts';
import { modelInputs, randomInputs, type ModelInput } from '../../src/measure/model-inputs.ts';
import { parseNpy } from '../../src/measure/npy.ts';
import { prepare } from '../../src/passes/index.ts';
import { fixture } from '../formats/models.ts';

const folder = mkdtempSync(join(tmpdir(), 'model-budget-inputs-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** As numpy.save writes it, in version 1 or 3 of the format. */
function npy(header: string, data: ArrayBufferView, version: 1 | 3 = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const length = version === 1 ? new Uint16Array([text.length]) : new Uint32Array([text.length]);
  const head = [0x93, ...new TextEncoder().encode('NUMPY'), version, 0];
  return Uint8Array.from([...head, ...new Uint8Array(length.buffer), ...text, ...new Uint8Array(data.buffer)]);
}

function put(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

const floats = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";

describe('NumPy files', () => {
  test.each([1, 3] as const)('of version %i', (version) => {
    const { dtype, shape, bytes } = parseNpy(npy(floats, Float32Array.of(1, -2), version), 'x.npy');
    expect({ dtype, shape }).toEqual({ dtype: 'float32', shape: [1, 2] });
    expect([...new Float32Array(bytes.buffer)]).toEqual([1, -2]);
  });

  test.each([
    ["{'descr': '|b1', 'fortran_order': False, 'shape': (), }", new Uint8Array(1), 'bool', []],
    ["{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }", new BigInt64Array(3), 'int64', [3]],
  ])('%s', (header, data, dtype, shape) => {
    expect(parseNpy(npy(header, data), 'x.npy')).toMatchObject({ dtype, shape });
  });

  test.each([
    [new Uint8Array(3), 'no .npy file'],
    [npy(floats, Float32Array.of(1)), '4 bytes where 8 belong'],
    [npy(floats, Float32Array.of(1, 2)).subarray(0, 20), 'cut off'],
    [npy(floats.replace('<', '>'), Float32Array.of(1, 2)), 'little-endian'],
    [npy(floats.replace('False', 'True'), Float32Array.of(1, 2)), 'columns come first'],
    [npy(floats.replace('<f4', '<U7'), Float32Array.of(1, 2)), 'no little-endian plain numbers'],
  ])('what is none is refused (%#)', (bytes, message) => {
    expect(() => parseNpy(bytes, 'x.npy')).toThrow(message);
  });
});

describe('given inputs', () => {
  const inputs: readonly ModelInput[] = [{ name: 'in/x:0', dtype: 'float32', shape: [1, 2], largest: 1 }];

  test('a folder is one run', () => {
    put('one/in_x_0.npy', npy(floats, Float32Array.of(3, 4)));
    expect(givenInputs(join(folder, 'one'), inputs)).toMatchObject([[{ name: 'in/x:0', shape: [1, 2] }]]);
  });

  test('folders in it are runs, in the order of their names', () => {
    for (const [run, value] of [['b', 2] as const, ['a', 1] as const]) {
      put(`runs/${run}/in_x_0.npy`, npy(floats, Float32Array.of(value, 0)));
    }
    const runs = givenInputs(join(folder, 'runs'), inputs);
    expect(runs.map(([input]) => new Float32Array(input!.bytes.buffer)[0])).toEqual([1, 2]);
  });

  test('what does not fit is refused', () => {
    put('wrong/in_x_0.npy', npy(floats.replace('(1, 2)', '(2, 1)'), Float32Array.of(3, 4)));
    put('empty/other.npy', npy(floats, Float32Array.of(3, 4)));
    const twice = [...inputs, { ...inputs[0]!, name: 'in/x/0' }];
    expect(() => givenInputs(join(folder, 'wrong'), inputs)).toThrow('float32 [2, 1] where input "in/x:0" is float32');
    expect(() => givenInputs(join(folder, 'empty'), inputs)).toThrow('no such file, which is for input "in/x:0"');
    expect(() => givenInputs(join(folder, 'none'), inputs)).toThrow('no such folder');
    expect(() => givenInputs(join(folder, 'one'), twice)).toThrow('two inputs of the model would both be in_x_0.npy');
  });
});

describe('random inputs', () => {
  const { graph } = prepare(fixture('transformer-block.onnx'), {
    dims: new Map([
      ['batch', 2],
      ['sequence', 9],
    ]),
    inputs: new Map(),
  });
  const inputs = modelInputs(graph.inputs, graph) as readonly ModelInput[];

  test('indices reach as far as the table that they pick from', () => {
    expect(inputs.map(({ name, largest }) => [name, largest])).toEqual([
      ['input_ids', 199],
      ['attention_mask', 1],
    ]);
    const runs = randomInputs(inputs, 3, 0);
    if ('reason' in runs) throw new Error(runs.reason);
    const drawn = runs.map(([ids]) => [...new BigInt64Array(ids!.bytes.buffer)].map(Number));
    expect(drawn.map((ids) => ids.length)).toEqual([18, 18, 18]);
    expect(drawn.flat().every((id) => id >= 0 && id <= 199)).toBe(true);
    expect(new Set(drawn.flat()).size).toBeGreaterThan(30);
    expect(randomInputs(inputs, 3, 0)).toEqual(runs);
    expect(randomInputs(inputs, 3, 1)).not.toEqual(runs);
  });

  test('floats are of mean 0 and variance 1', () => {
    const runs = randomInputs([{ name: 'x', dtype: 'float32', shape: [10_000], largest: 1 }], 1, 0);
    if ('reason' in runs) throw new Error(runs.reason);
    const elements = [...new Float32Array(runs[0]![0]!.bytes.buffer)];
    const mean = elements.reduce((sum, one) => sum + one, 0) / elements.length;
    const variance = elements.reduce((sum, one) => sum + (one - mean) ** 2, 0) / elements.length;
    expect(Math.abs(mean)).toBeLessThan(0.04);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  test('what no number is drawn for says so', () => {
    const text = [{ name: 'x', dtype: 'string', shape: [1], largest: 1 }] as const;
    expect(randomInputs(text, 1, 0)).toEqual({ reason: 'no random input of type string is made for "x"' });
    expect(modelInputs(['nobody'], graph)).toEqual({ reason: 'input "nobody" is no tensor of a known type and shape' });
  });
});
