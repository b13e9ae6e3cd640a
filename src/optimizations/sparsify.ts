/**
 * The smallest weights become zeros. Core ML stores what is left and a mask (`constexpr_sparse_to_dense`); other formats keep
 * their size, and only a compressed download shrinks. Targets that read sparse weights as they are say so
 * (`support.compressedWeights`); an Ethos-U's compiler codes runs of zeros whatever the file looks like.
 */
import { UserError } from '../errors.ts';
import { elementCount } from '../formats/dense.ts';
import { bitsPerElement, bytesOf } from '../ir/data-type.ts';
import type { Model } from '../ir/graph.ts';
import type { EditWords, Optimization } from './optimization.ts';
import { editedInitializer, storageInitializer } from './weights/edited-weight.ts';
import { leftByTool, notFloat, type WeightOperand } from './weights/operands.ts';
import { replaceWeights, type Replacement } from './weights/replace-weights.ts';
import { droppedCount } from './weights/smallest.ts';

/** A share of all weights, or two of each four neighbours. */
type Pattern = number | '2:4';

export const sparsify: Optimization = {
  name: 'sparsify',
  usage: 'sparsify 0.5|2:4',
  summary: 'makes a share of the weights zero, or two of each four along the input channels',
  parse: (words) => {
    const pattern = patternOf(words);
    return {
      kind: 'graph',
      apply: (graph, scope) =>
        replaceWeights(graph, scope, {
          refuses: (operand) => refusal(operand, pattern) ?? leftByTool(operand.weight, scope.model.format),
          replace: (operand, name) => replacement(operand, name, pattern, scope.model),
          suffix: 'sparse',
        }),
    };
  },
};

function patternOf({ value = '', options }: EditWords): Pattern {
  const [option] = options.keys();
  if (option !== undefined) throw new UserError(`\`sparsify\` has no \`${option}=\``);
  if (value === '2:4') return value;
  const share = /^0?\.\d{1,9}$/.test(value) ? Number(value) : 0;
  if (share === 0) throw new UserError('`sparsify` is followed by a share between 0 and 1 such as `0.5`, or by `2:4`');
  return share;
}

function refusal({ weight, inputAxis }: WeightOperand, pattern: Pattern): string | undefined {
  const reason = notFloat(weight);
  if (reason !== undefined) return reason;
  if (weight.packing?.table !== undefined) return 'its weights are indices into a table already';
  if (pattern !== '2:4') return undefined;
  if (inputAxis === undefined) return 'its weights are looked up and not multiplied';
  const channels = weight.shape[inputAxis] ?? 0;
  return channels % 4 === 0 ? undefined : `its ${channels} input channels are no multiple of 4`;
}

function replacement(
  { weight, inputAxis }: WeightOperand,
  name: string,
  pattern: Pattern,
  { format }: Model,
): Replacement {
  const { dtype, shape } = weight;
  const elements = elementCount(shape);
  const kept = pattern === '2:4' ? elements / 2 : elements - droppedCount(shape, pattern);
  const isSparse = format === 'coreml';
  const fileBytes = isSparse ? Math.ceil((kept * bitsPerElement(dtype)) / 8) : bytesOf(dtype, elements);
  const mask = storageInitializer(weight, { name: `${name}/mask`, dtype: 'uint1', shape });
  return {
    to: editedInitializer(weight, { name, dtype, shape, packing: { kept }, fileBytes }),
    change:
      pattern === '2:4' ? { kind: 'sparsify-two-of-four', axis: inputAxis! } : { kind: 'sparsify', share: pattern },
    storage: isSparse ? [mask] : [],
  };
}
