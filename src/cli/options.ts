/** Options that several commands share, and how their values are read. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Bindings } from '../passes/prepared.ts';
import type { ComputeType } from '../schedule/target.ts';

export type Format = 'text' | 'markdown' | 'json';

/** As commander hands them over; keys absent when not given. */
export interface CommonOptions {
  readonly target?: readonly string[];
  readonly config?: string;
  readonly dim?: ReadonlyMap<string, number>;
  readonly input?: ReadonlyMap<string, readonly number[]>;
  readonly assumeDtype?: string;
  readonly download?: boolean;
  readonly evaluatedOn?: string;
  readonly waivers?: string;
  readonly format?: Format;
  readonly output?: string;
  readonly quiet?: boolean;
}

/** Words of `--assume-dtype` and what they mean to the compiler. */
const assumedTypes: ReadonlyMap<string, ComputeType | 'none'> = new Map([
  ['int8', 'int8'],
  ['w8a16', 'int16'],
  ['fp16', 'float16'],
  ['bf16', 'bfloat16'],
  ['none', 'none'],
]);

/** What the compiler is told; keys absent when the flag was not given. */
export function compileOptionsOf(options: CommonOptions): { readonly assumedType?: ComputeType | 'none' } {
  const assumedType = options.assumeDtype === undefined ? undefined : assumedTypes.get(options.assumeDtype);
  return assumedType === undefined ? {} : { assumedType };
}

export function bindingsOf(options: CommonOptions): Bindings {
  return { dims: options.dim ?? new Map(), inputs: options.input ?? new Map() };
}

export function addTargetOptions(command: Command): Command {
  return command
    .option('--target <ids>', 'targets, comma-separated (`model-budget targets` lists them)', collectList)
    .addOption(
      new Option('--assume-dtype <dtype>', 'cost float models as if quantized').choices([...assumedTypes.keys()]),
    )
    .option('--download', 'compute the compressed size too');
}

export function addDimensionOptions(command: Command): Command {
  return command
    .option('--dim <name=value>', 'value of a dynamic dimension; repeatable', collectDimension)
    .option('--input <name=shape>', 'shape of an input, as 1x3x224x224; repeatable', collectInput);
}

export function addOutputOptions(command: Command, allowed: readonly string[] = ['text', 'markdown', 'json']): Command {
  return command
    .addOption(new Option('--format <format>', 'form of the output').choices(allowed).default('text'))
    .option('--output <file>', 'write there, not to standard output')
    .option('--quiet', 'no progress and no warnings');
}

function collectList(text: string, previous: readonly string[] = []): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) throw new InvalidArgumentError('name targets separated by single commas.');
  return [...new Set([...previous, ...items])];
}

function collectDimension(
  text: string,
  previous: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const split = text.lastIndexOf('=');
  const value = Number(text.slice(split + 1));
  if (split < 1 || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('write NAME=VALUE with a whole number above 0, as batch=1.');
  }
  return new Map(previous).set(text.slice(0, split), value);
}

function collectInput(
  text: string,
  previous: ReadonlyMap<string, readonly number[]> = new Map(),
): ReadonlyMap<string, readonly number[]> {
  const split = text.lastIndexOf('=');
  const shape = text.slice(split + 1);
  const dimensions = shape === '' ? [] : shape.split('x').map(Number);
  if (split < 1 || !dimensions.every((value) => Number.isSafeInteger(value) && value >= 0)) {
    throw new InvalidArgumentError('write NAME=SHAPE with whole numbers, as x=1x3x224x224 (NAME= for a scalar).');
  }
  return new Map(previous).set(text.slice(0, split), dimensions);
}
