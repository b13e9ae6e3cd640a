/** `resize image:1x3x320x320`: an input of another size, all else inferred anew. */
import { UserError } from '../errors.ts';
import { printShape } from '../ir/dimension.ts';
import { didYouMean } from '../near-miss.ts';
import { setInputs } from './inputs/set-inputs.ts';
import type { BoundModel, EditWords, Optimization, ResizedModel } from './optimization.ts';
import { onlyValue } from './words.ts';

const usage = 'resize <input>:<shape>';
const largestSize = 1e6;

/** Splits at the last colon: names of inputs may hold some. */
function parse(words: EditWords) {
  const value = onlyValue(words, { usage, example: 'resize image:1x3x320x320' });
  const at = value.lastIndexOf(':');
  const [input, shape] = [value.slice(0, at), value.slice(at + 1)];
  if (at < 1 || !/^\d{1,7}(x\d{1,7})*$/.test(shape)) {
    throw new UserError(`\`resize ${value}\`: write \`${usage}\`, as \`resize image:1x3x320x320\``);
  }
  const sizes = shape.split('x').map(Number);
  if (sizes.some((size) => size < 1 || size > largestSize)) {
    throw new UserError(`\`resize ${value}\`: sizes are whole numbers from 1 to ${largestSize}`);
  }
  return { kind: 'inputs', apply: (given: BoundModel) => resized(given, input, sizes) } as const;
}

function resized(given: BoundModel, input: string, sizes: readonly number[]): ResizedModel {
  const { inputs, tensors } = given.model.graph;
  if (!inputs.includes(input)) {
    const listed = inputs.slice(0, 10).join(', ');
    throw new UserError(`no input is named "${input}"${didYouMean(input, inputs)}; the model's inputs are ${listed}`);
  }
  const declared = tensors.get(input)?.shape;
  if (declared && declared.length !== sizes.length) {
    throw new UserError(`input "${input}" is ${printShape(declared)} and has ${declared.length} dimensions`);
  }
  return setInputs(given, new Map([[input, sizes]]), 'any');
}

export const resize: Optimization = {
  name: 'resize',
  usage,
  summary: 'an input of another size; refused where the file holds the old one',
  besides: 'computation',
  parse,
};
