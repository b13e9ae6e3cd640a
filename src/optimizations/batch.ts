/** `batch 8`: so many samples at once, in every input that has a batch. */
import { UserError } from '../errors.ts';
import { isKnown, isSymbolic, print, printShape } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import { bindDimensions } from '../passes/bind-dimensions.ts';
import { setInputs } from './inputs/set-inputs.ts';
import type { BoundModel, EditWords, Optimization, ResizedModel } from './optimization.ts';
import { onlyValue } from './words.ts';

const usage = 'batch <n>';
const largestBatch = 65536;

function parse(words: EditWords) {
  const value = onlyValue(words, { usage, example: 'batch 8' });
  const batch = Number(value);
  if (!/^\d{1,6}$/.test(value) || batch < 1 || batch > largestBatch) {
    throw new UserError(`\`batch ${value}\`: write a whole number from 1 to ${largestBatch}`);
  }
  return { kind: 'inputs', apply: (given: BoundModel) => batched(given, batch) } as const;
}

/**
 * The batch is the first dimension of the first input that has two or more, and of all others with the same symbol there,
 * or the same number.
 */
function batched(given: BoundModel, batch: number): ResizedModel {
  const { graph } = given.model;
  const bound = bindDimensions(graph, given.bindings).graph;
  const ranked = graph.inputs.filter((input) => (graph.tensors.get(input)?.shape?.length ?? 0) >= 2);
  const leading = (input: string): Dimension => graph.tensors.get(input)!.shape![0]!;
  const [first] = ranked;
  if (first === undefined) throw new UserError('no input has a batch: each has fewer than two dimensions');
  const sameBatch = ranked.filter((input) => isSame(leading(input), leading(first)));
  const sizes = new Map(
    sameBatch.map((input) => {
      const shape = bound.tensors.get(input)!.shape!;
      const rest = shape.slice(1);
      if (!rest.every(isKnown)) {
        throw new UserError(`input "${input}" is ${printShape(shape)}: give its dimensions before its batch`);
      }
      return [input, [batch, ...rest]];
    }),
  );
  const resized = setInputs(given, sizes, 'batch');
  const old = isKnown(leading(first)) ? [`the first dimension of input ${first} is the batch`] : [];
  return { ...resized, assumptions: [...resized.assumptions, ...old] };
}

function isSame(a: Dimension, b: Dimension): boolean {
  if (isKnown(a) && isKnown(b)) return a === b;
  return isSymbolic(a) && isSymbolic(b) && (print(a) === print(b) || isUnnamed(a, b));
}

/** Dimensions without a name are called after their inputs. */
function isUnnamed(a: Dimension, b: Dimension): boolean {
  return print(a).endsWith('.0') && print(b).endsWith('.0');
}

export const batch: Optimization = {
  name: 'batch',
  usage,
  summary: 'so many samples at once',
  besides: 'computation',
  parse,
};
