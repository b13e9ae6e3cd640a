/** Gemm: the product of two matrices plus a bias, its fused and quantized forms, and fully connected layers. */
import type { DataType } from '../ir/data-type.ts';
import { floorDivide, product } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Node, Shape } from '../ir/graph.ts';
import { stringAttribute } from './attribute.ts';
import { dataTypeAttribute } from './cast.ts';
import { activationCost, axisSize, matrixProduct, elementsOf, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import { productClass, productDocumentation, transposeFlags } from './matmul.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, shapeUnknownAs, tensor } from './type.ts';

const firstDtype = ({ inputs }: TypedNode) => dtypeOf(inputs[0]);

/** `alpha·A·B + beta·C`, of two matrices. */
interface GemmForm {
  readonly domain: string;
  readonly name: string;
  readonly right: number;
  readonly bias: number;
  readonly dtype: (typed: TypedNode) => DataType | null;
  readonly perOutput?: Cost;
}

const gemmForms: readonly GemmForm[] = [
  { domain: '', name: 'Gemm', right: 1, bias: 2, dtype: firstDtype },
  { domain: 'com.microsoft', name: 'FusedGemm', right: 1, bias: 2, dtype: firstDtype },
  {
    domain: 'com.microsoft',
    name: 'GemmFloat8',
    right: 1,
    bias: 2,
    dtype: (typed) => dataTypeAttribute(typed, 'dtype', 'float32'),
    perOutput: { multiply: 1 },
  },
  {
    domain: 'com.microsoft',
    name: 'QGemm',
    right: 3,
    bias: 6,
    // Without a zero point of its own the result stays in floats.
    dtype: ({ inputs }) => (inputs[8] === undefined ? 'float32' : dtypeOf(inputs[8])),
    perOutput: { convert: 1 },
  },
];

/**
 * The shape of a fully connected layer whose input is no matrix (TFLite). `leading_axes`: `kept`, or `flattened` into
 * rows of the weight's depth.
 */
function fullyConnectedShape(node: Node, left: Shape, right: Shape): Shape {
  const [columns, depth] = right as [Dimension, Dimension];
  const kept = stringAttribute(node, 'leading_axes', '') === 'kept';
  return kept ? [...left.slice(0, -1), columns] : [floorDivide(product(left), depth), columns];
}

function gemm(form: GemmForm): Operator {
  return {
    domain: form.domain,
    name: form.name,
    documentation: productDocumentation('Product of two matrices plus a bias'),
    infer: (context) => {
      const left = context.inputs[0]?.shape;
      const right = context.inputs[form.right]?.shape;
      const dtype = form.dtype(context);
      const transposes = transposeFlags(context);
      if (left && right?.length === 2 && context.node.attributes.has('leading_axes')) {
        return [tensor(dtype, fullyConnectedShape(context.node, left, right))];
      }
      if (left?.length !== 2 || right?.length !== 2) return [shapeUnknownAs(dtype, context.inputs[0])];
      return [tensor(dtype, [left[transposes.left ? 1 : 0]!, right[transposes.right ? 0 : 1]!])];
    },
    work: (typed, [output]) => {
      const transposes = transposeFlags(typed);
      const depth = axisSize(typed.inputs[form.right], transposes.right ? 1 : 0);
      const operands = { stationaryInput: form.right };
      const elements = elementsOf(output);
      const columns = axisSize(output, -1);
      const nest = matrixProduct({ rows: columns === 0 ? 0 : elements / columns, columns, depth }, operands);
      const vector = [
        ...vectorWork(elements, typed.inputs[form.bias] === undefined ? {} : { add: 1 }),
        ...vectorWork(elements, activationCost(stringAttribute(typed.node, 'activation', ''))),
        ...vectorWork(elements, form.perOutput ?? {}),
      ];
      return { operatorClass: productClass(nest, typed), nests: [nest], vector };
    },
    parameterInputs: [0, form.right, form.bias],
  };
}

export const gemmOperators: readonly Operator[] = gemmForms.map(gemm);
