/** Matrix products of MIL, and attention. */
import { emit, step } from '../../emission.ts';
import { flag, outputShape, rankOf, tensor, tensors, text, type Operation } from '../operation.ts';
import type { Table, Translate } from './translate.ts';

/** The weight is outputs × inputs. A product of matrices with its bias is one operator in ONNX, of more axes two. */
const linear: Translate = (operation) => {
  const [x, weight, bias] = ['x', 'weight', 'bias'].map((parameter) => tensor(operation, parameter)) as [
    string,
    string,
    string,
  ];
  if (rankOf(operation, 'x') === 2) {
    emit(operation, 'Gemm', [x, weight, bias], { transB: 1 });
    return;
  }
  const product = { operator: 'com.microsoft.FusedMatMul', inputs: [x, weight], attributes: { transB: 1 } };
  if (bias === '') {
    emit(operation, product.operator, product.inputs, product.attributes);
    return;
  }
  const made = step(operation, 'product', product);
  emit(operation, 'Add', [made, bias]);
};

const matmul: Translate = (operation) => {
  const [transA, transB] = [flag(operation, 'transpose_x'), flag(operation, 'transpose_y')];
  const inputs = [tensor(operation, 'x'), tensor(operation, 'y')];
  if (!transA && !transB) emit(operation, 'MatMul', inputs);
  else emit(operation, 'com.microsoft.FusedMatMul', inputs, { transA: Number(transA), transB: Number(transB) });
};

/** More than two axes before the last two are folded into one for the heads. */
const attention: Translate = (operation) => {
  const operands = ['query', 'key', 'value', 'attn_mask'].map((parameter) => tensor(operation, parameter));
  const rank = rankOf(operation, 'query') ?? 4;
  if (rank === 4) {
    emit(operation, 'Attention', operands);
    return;
  }
  const folded = operands.slice(0, 3).map((name, index) => fold(operation, name, { rank, index }));
  const sizes = outputShape(operation);
  const made = step(operation, '', { operator: 'Attention', inputs: folded });
  const shape = sizes ?? Array.from({ length: rank }, (_, axis) => (axis === 0 ? -1 : 0));
  emit({ ...operation, name: `${operation.name}/unfolded` }, 'Reshape', [made], { shape });
};

/** batch × length × size gets one head; five and more axes keep the first and fold the others before the last two. */
function fold(
  operation: Operation,
  name: string,
  { rank, index }: { readonly rank: number; readonly index: number },
): string {
  const part = `folded${index}`;
  if (rank === 3) return step(operation, part, { operator: 'Unsqueeze', inputs: [name], attributes: { axes: [1] } });
  const parameter = ['query', 'key', 'value'][index]!;
  const sizes = operation.bindings.get(parameter)?.[0]?.type?.shape ?? [];
  const shape = [0, -1, sizes.at(-2) ?? 0, sizes.at(-1) ?? 0];
  return step(operation, part, { operator: 'Reshape', inputs: [name], attributes: { shape } });
}

export const products: Table = [
  ['linear', linear],
  ['matmul', matmul],
  [
    'einsum',
    (operation) => {
      emit(operation, 'Einsum', tensors(operation, 'values'), { equation: text(operation, 'equation', '') });
    },
  ],
  ['scaled_dot_product_attention', attention],
];
