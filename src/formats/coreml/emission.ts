/** Adding the nodes that stand for one operation or layer of the file. */
import type { DataType } from '../../ir/data-type.ts';
import { addNode, addNumbers, type AttributeInput, type Draft } from './building.ts';

/** What is translated: its name, and the values that it gives. */
export interface Emitter {
  readonly draft: Draft;
  readonly name: string;
  readonly outputs: readonly { readonly name: string; readonly type: { readonly dtype: DataType | null } }[];
}

export type Attributes = Readonly<Record<string, AttributeInput | undefined>>;

/** A node that stands for the operation and gives its outputs. */
export function emit(emitter: Emitter, operator: string, inputs: readonly string[], attributes: Attributes = {}): void {
  const { draft, name, outputs } = emitter;
  addNode(draft, {
    operator,
    id: name,
    name,
    inputs,
    outputs: outputs.map((output) => output.name),
    attributes: { index_type: indexType(emitter), ...attributes },
  });
}

/** Indices have 32 bits here, or fewer, and 64 in ONNX. */
function indexType({ outputs }: Emitter): AttributeInput | undefined {
  const dtypes = outputs.map(({ type }) => type.dtype);
  const integer = dtypes.find((dtype): dtype is DataType => dtype !== null && /^u?int(16|32)$/.test(dtype));
  return integer === undefined ? undefined : { dtype: integer };
}

/**
 * A node for a part of the operation; its output's name. `''` as the part: the node that carries the operation's name,
 * while another one gives its output.
 */
export function step(
  emitter: Emitter,
  part: string,
  node: { readonly operator: string; readonly inputs: readonly string[]; readonly attributes?: Attributes },
): string {
  return steps(emitter, part, node, [''])[0]!;
}

/** As `step` for a node of several outputs, each named by a suffix. */
export function steps(
  { draft, name }: Emitter,
  part: string,
  node: { readonly operator: string; readonly inputs: readonly string[]; readonly attributes?: Attributes },
  suffixes: readonly string[],
): readonly string[] {
  const id = part === '' ? name : `${name}/${part}`;
  const outputs = suffixes.map((suffix) => `${name}/${part === '' ? 'result' : part}${suffix}`);
  addNode(draft, { ...node, id, name: id, outputs });
  return outputs;
}

/** A list of integers as an input. */
export function integers({ draft, name }: Emitter, part: string, elements: readonly number[]): string {
  return addNumbers(draft, `${name}/${part}`, { dtype: 'int64', shape: [elements.length], elements });
}
