/** Element-wise operators of one and of two feature maps. */
import type { Connection, Extent, NpuOperation, NpuOperator } from '../operation.ts';
import { bitsOf, elementsOf, sameExtent } from '../operation.ts';
import { activationOf, builtIn, tableBytesFor, tableFunctions } from './activation.ts';
import type { Lowering } from './lowering.ts';
import { computedInputs, connect, operation, resultOf, scalar, spread } from './lowering.ts';

const binary: Readonly<Partial<Record<string, NpuOperator>>> = {
  Add: 'Add',
  Sub: 'Sub',
  Mul: 'Mul',
  Max: 'Maximum',
  Min: 'Minimum',
  'com.microsoft.QLinearAdd': 'Add',
  'com.microsoft.QLinearMul': 'Mul',
};

export function isBinary(operator: string): boolean {
  return binary[operator] !== undefined;
}

export function lowerBinary(context: Lowering): readonly NpuOperation[] {
  const { host } = context.group;
  const output = connect(context, resultOf(context.group));
  const operands = operandsOf(context);
  return combine(context, {
    operator: binary[host.operator] ?? 'Add',
    operands,
    output,
    activation: activationOf(context.group, bitsOf(output)),
  });
}

/** Both operands in their order; constant ones lie beside the weights. */
function operandsOf(context: Lowering): readonly [Connection, Connection] {
  const { host } = context.group;
  const names = host.node.inputs.filter((name, position) => name !== '' && !isScale(context, position));
  const [first = '', second = first] = names;
  return [connect(context, first), connect(context, second)];
}

/** ONNX's quantized operators have scales and zero points between their operands. */
function isScale({ group }: Lowering, position: number): boolean {
  return group.host.operator.startsWith('com.microsoft.QLinear') && position % 3 !== 0;
}

interface Combination {
  readonly operator: NpuOperator;
  readonly operands: readonly [Connection, Connection];
  readonly output: Connection;
  readonly activation?: Partial<NpuOperation>;
}

/** Where both operands are smaller than the result, one is broadcast first, as an addition to zeros. */
export function combine(context: Lowering, { operator, operands, output, activation }: Combination): NpuOperation[] {
  const [first, second] = operands;
  const size = (connection: Connection) => connection.slice?.shape ?? connection.shape;
  const result = output.slice?.shape ?? output.shape;
  if (!sameExtent(size(first), result) && !sameExtent(size(second), result)) {
    const wide = context.temporary(`${first.tensor.name}_broadcasted`, first.tensor.bits);
    const zeros = { tensor: context.constant('zeros', first.tensor.bits), shape: result };
    const broadcast = operation(context, {
      operator: 'Add',
      inputs: [zeros, first],
      output: { tensor: wide, shape: result },
    });
    return [
      broadcast,
      ...combine(context, {
        operator,
        operands: [broadcast.output, second],
        output,
        ...(activation && { activation }),
      }),
    ];
  }
  const spreading = canSpread([first, second], output);
  const shaped = (connection: Connection): Connection =>
    spreading && elementsOf(connection.shape) > 1 ? { ...connection, shape: spread(connection.shape) } : connection;
  return [
    operation(context, { operator, inputs: [shaped(first), shaped(second)], output: shaped(output), ...activation }),
  ];
}

/**
 * Quotients, comparisons and selections of several feature maps: a pass for each after the first, at the pace of a minimum,
 * which is that of one step of the output unit.
 */
export function lowerPasses(context: Lowering): readonly NpuOperation[] {
  const output = connect(context, resultOf(context.group));
  const [first = '', ...others] = computedInputs(context.group.host);
  let sofar = connect(context, first);
  return others.flatMap((name, index) => {
    const isLast = index === others.length - 1;
    const between = () => ({ ...output, tensor: context.temporary(`${output.tensor.name}_${index}`, bitsOf(output)) });
    const result = isLast ? output : between();
    const made = combine(context, { operator: 'Minimum', operands: [sofar, connect(context, name)], output: result });
    sofar = result;
    return made;
  });
}

/** Whole feature maps of one shape, or scalars. */
function canSpread(operands: readonly Connection[], output: Connection): boolean {
  const isWhole = ({ slice }: Connection) => slice === undefined;
  const fits = ({ shape }: Connection) => elementsOf(shape) === 1 || sameExtent(shape, output.shape);
  return [...operands, output].every(isWhole) && operands.every(fits);
}

/** One pass over the elements: clamps, tables, copies, requantizations. */
export function lowerUnary(context: Lowering): readonly NpuOperation[] {
  const { host } = context.group;
  const input = connect(context, computedInputs(host)[0] ?? '');
  const output = connect(context, resultOf(context.group));
  const bits = bitsOf(output);
  const unaries: Readonly<Partial<Record<string, NpuOperator>>> = { Abs: 'Abs' };
  const isTable = tableFunctions.has(host.operator);
  if (host.operator === 'LeakyRelu' && bits > 8) return leaky(context, input, output);
  const own: Partial<NpuOperation> = isTable
    ? { tableBytes: bits > 8 && builtIn.has(host.operator) ? 0 : tableBytesFor(bits) }
    : activationOf(context.group, bits);
  const operator =
    unaries[host.operator] ??
    (host.operator.endsWith('QuantizeLinear')
      ? 'Quantize'
      : isTable || isClamp(host.operator)
        ? 'Activation'
        : 'MemoryCopy');
  return [pass(context, { operator, input, output, own })];
}

function isClamp(operator: string): boolean {
  return operator === 'Relu' || operator === 'Clip';
}

interface Pass {
  readonly operator: NpuOperator;
  readonly input: Connection;
  readonly output: Connection;
  readonly own?: Partial<NpuOperation>;
}

export function pass(context: Lowering, { operator, input, output, own }: Pass): NpuOperation {
  const shaped = (connection: Connection, shape: Extent): Connection =>
    canSpread([input], output) ? { ...connection, shape: spread(shape) } : connection;
  return operation(context, {
    operator,
    inputs: [shaped(input, output.shape)],
    output: shaped(output, output.shape),
    ...own,
  });
}

/** A table behind a convolution of few channels, which is spread over more and so stands alone. */
export function detached(
  context: Lowering,
  output: Connection,
  own: Partial<NpuOperation>,
): { readonly before: Connection; readonly table: NpuOperation } | undefined {
  if (own.activation !== 'lookup' || output.slice !== undefined || sameExtent(spread(output.shape), output.shape)) {
    return undefined;
  }
  const { node } = context.group.host;
  const before = { ...output, tensor: context.temporary(node.outputs[0] ?? '', bitsOf(output)) };
  const table = pass(context, { operator: 'Activation', input: before, output, own: { tableBytes: own.tableBytes! } });
  return { before, table };
}

/** max(x, alpha · x) in 16 bits. */
function leaky(context: Lowering, input: Connection, output: Connection): NpuOperation[] {
  const scaled = { tensor: context.temporary(`${output.tensor.name}_scaled`, bitsOf(output)), shape: output.shape };
  return [
    ...combine(context, { operator: 'Mul', operands: [input, scalar(context, bitsOf(input))], output: scaled }),
    ...combine(context, { operator: 'Maximum', operands: [scaled, input], output }),
  ];
}

/**
 * max(x, alpha · x) where alpha is constant: trained slopes are below one and differ between channels; both in the scale
 * of the result. Otherwise max(x, 0) and alpha · min(x, 0), added.
 */
export function lowerPRelu(context: Lowering): readonly NpuOperation[] {
  const { host } = context.group;
  const input = connect(context, computedInputs(host)[0] ?? '');
  const output = connect(context, resultOf(context.group));
  const name = output.tensor.name;
  const temporary = (suffix: string, bits: number) => ({
    tensor: context.temporary(`${name}_${suffix}`, bits),
    shape: output.shape,
  });
  const bits = bitsOf(output);
  const alpha = { tensor: context.constant('alpha', bits), shape: { height: 1, width: 1, depth: output.shape.depth } };
  if (computedInputs(host).length === 1) {
    const product = temporary('scaled', bits);
    const same = temporary('rescaled', bits);
    return [
      ...combine(context, { operator: 'Mul', operands: [input, scalar(context, 8)], output: same }),
      ...combine(context, { operator: 'Mul', operands: [input, alpha], output: product }),
      ...combine(context, { operator: 'Maximum', operands: [product, same], output }),
    ];
  }
  const [low, scaled, high] = [temporary('minimum', bits), temporary('scaled', 32), temporary('relu', 32)];
  return [
    ...combine(context, { operator: 'Minimum', operands: [input, scalar(context, bits)], output: low }),
    ...combine(context, { operator: 'Mul', operands: [low, alpha], output: scaled }),
    ...combine(context, { operator: 'Maximum', operands: [input, scalar(context, bits)], output: high }),
    ...combine(context, { operator: 'Add', operands: [high, scaled], output }),
  ];
}

/** (a - b)², in 32 bits. */
export function lowerSquaredDifference(context: Lowering): readonly NpuOperation[] {
  const output = connect(context, resultOf(context.group));
  const [first, second] = operandsOf(context);
  const name = output.tensor.name;
  const wide = { tensor: context.temporary(`${name}_difference`, 32), shape: output.shape };
  return [
    ...combine(context, { operator: 'Sub', operands: [first, second], output: wide }),
    ...combine(context, { operator: 'Mul', operands: [wide, wide], output }),
  ];
}
