/** Activations by what they ask of a unit. */

/** Bounds that the end of a product applies as it stores. */
export const clamps: ReadonlySet<string> = new Set(['Relu', 'Clip']);

/** Functions of one number, which some units have and others look up in a table. */
export const curves: readonly string[] = [
  'HardSwish',
  'HardSigmoid',
  'Sigmoid',
  'Tanh',
  'Gelu',
  'com.microsoft.Gelu',
  'com.microsoft.FastGelu',
  'com.microsoft.QuickGelu',
  'LeakyRelu',
  'Elu',
  'Selu',
  'Celu',
  'Softplus',
  'Mish',
  'Swish',
];
