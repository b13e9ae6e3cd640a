/**
 * Weights as indices into a table of their most typical values. Core ML stores them so (`constexpr_lut_to_dense` in an
 * .mlpackage). ONNX and TFLite have no such operator: the file is counted as if a custom operator looked the weights up.
 * Targets compute with the unpacked floats; which of them read the indices from memory is theirs to say
 * (`support.compressedWeights`).
 */
import { UserError } from '../errors.ts';
import { bytesOf, type DataType } from '../ir/data-type.ts';
import type { Model } from '../ir/graph.ts';
import { elementCount } from '../formats/dense.ts';
import type { EditScope, EditWords, Optimization } from './optimization.ts';
import { editedInitializer, storageInitializer } from './weights/edited-weight.ts';
import { leftByTool, notFloat, type WeightOperand } from './weights/operands.ts';
import { replaceWeights, type Replacement } from './weights/replace-weights.ts';

const widths = [1, 2, 3, 4, 6, 8] as const;
type Bits = (typeof widths)[number];

export const palettize: Optimization = {
  name: 'palettize',
  usage: `palettize ${widths.join('|')}`,
  summary: 'stores weights as indices of so many bits into a table of floats',
  parse: (words) => {
    const bits = bitsOf(words);
    return {
      kind: 'graph',
      apply: (graph, scope) =>
        replaceWeights(graph, scope, {
          refuses: (operand) => refusal(operand, bits, scope) ?? leftByTool(operand.weight, scope.model.format),
          replace: (operand, name) => replacement(operand, name, bits, scope.model),
          suffix: 'palettized',
        }),
    };
  },
  // No runtime of the other formats reads palettes.
  trials: ({ model }) => (model.format === 'coreml' ? [8, 6, 4, 2].map((bits) => `palettize ${bits}`) : []),
};

function bitsOf({ value, options }: EditWords): Bits {
  const [option] = options.keys();
  if (option !== undefined) throw new UserError(`\`palettize\` has no \`${option}=\``);
  const bits = widths.find((width) => String(width) === value);
  if (bits === undefined)
    throw new UserError(`\`palettize\` is followed by the bits of an index: ${widths.join(', ')}`);
  return bits;
}

function refusal(operand: WeightOperand, bits: Bits, { model }: EditScope): string | undefined {
  const { weight } = operand;
  const reason = notFloat(weight);
  if (reason !== undefined) return reason;
  const before = weight.fileBytes > 0 ? weight.fileBytes : bytesOf(weight.dtype, elementCount(weight.shape));
  const after = indexBytes(operand, bits, model) + bytesOf(weight.dtype, 2 ** bits);
  return after < before ? undefined : 'indices and their table would be no smaller than its weights';
}

/** Core ML leaves out the indices of elements that a mask drops. */
function indexBytes({ weight }: WeightOperand, bits: Bits, { format }: Model): number {
  const kept = format === 'coreml' ? weight.packing?.kept : undefined;
  return bytesOf(`uint${bits}` satisfies DataType, kept ?? elementCount(weight.shape));
}

function replacement(operand: WeightOperand, name: string, bits: Bits, model: Model): Replacement {
  const { weight } = operand;
  const { dtype, shape } = weight;
  const packing = { ...weight.packing, table: { bits, entries: 2 ** bits } };
  return {
    to: editedInitializer(weight, { name, dtype, shape, packing, fileBytes: indexBytes(operand, bits, model) }),
    change: { kind: 'palettize', bits },
    storage: [storageInitializer(weight, { name: `${name}/table`, dtype, shape: [2 ** bits] })],
  };
}
