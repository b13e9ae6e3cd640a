/** A network in which each kind of layer is treated in another way, and what an edit of it came to. */
import type { EditedModel } from '../../src/optimizations/apply.ts';
import { DataType, AttributeType, encodeGraph, type GraphMessage } from '../formats/models.ts';
import { preparedBytes } from './models.ts';

export const floats = (name: string, dims: number[]) => ({
  name,
  dims,
  dataType: DataType.FLOAT,
  rawData: new Uint8Array(4 * dims.reduce((product, size) => product * size, 1)),
});

export const value = (name: string, dims: number[]) => ({
  name,
  type: { tensorType: { elemType: DataType.FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
});

/** x -> Conv (64 of 8x3x3) -> Relu -> Softmax -> y, and a product of the Relu's output with a matrix of 64 x 32 -> z. */
export const graph: GraphMessage = {
  name: 'g',
  input: [value('x', [1, 8, 4, 64])],
  output: [value('y', [1, 64, 2, 62]), value('z', [1, 64, 2, 32])],
  initializer: [floats('w', [64, 8, 3, 3]), floats('b', [64]), floats('m', [62, 32])],
  node: [
    { name: 'conv', opType: 'Conv', input: ['x', 'w', 'b'], output: ['c'] },
    { name: 'relu', opType: 'Relu', input: ['c'], output: ['r'] },
    {
      name: 'softmax',
      opType: 'Softmax',
      input: ['r'],
      output: ['y'],
      attribute: [{ name: 'axis', type: AttributeType.INT, i: 1 }],
    },
    { name: 'product', opType: 'MatMul', input: ['r', 'm'], output: ['z'] },
  ],
};

export const given = preparedBytes(encodeGraph(graph), 'small.onnx');

export const touched = ({ steps }: EditedModel) => steps.flatMap((step) => step.touched);
export const notApplied = ({ steps }: EditedModel) => steps.flatMap((step) => step.notApplied);

export function reasons(edited: EditedModel): Readonly<Record<string, string>> {
  return Object.fromEntries(notApplied(edited).map(({ node, reason }) => [node, reason]));
}

export function constant({ prepared }: EditedModel, node: string, position: number) {
  const found = prepared.graph.nodes.find(({ id }) => id === node)!;
  return prepared.graph.initializers.get(found.inputs[position]!)!;
}
