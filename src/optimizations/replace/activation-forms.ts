/**
 * What can stand for what: activations and element-wise operators by name, with the operators that exporters write for them.
 * `Relu6` is a Clip, and `Swish` mostly a Sigmoid and a Mul.
 */
import type { Graph, Node } from '../../ir/graph.ts';
import { binaryOperators } from '../../operators/binary.ts';
import { boundsOf } from './bounds.ts';
import { unaryOperators } from '../../operators/unary.ts';
import { consumersOf, producersOf } from '../../passes/drop-nodes.ts';

export interface ActivationForm {
  /** As in `replace`. */
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  /** Tensors that it computes from; slopes and bounds are none. */
  readonly operands: number;
  /** Constants behind the operands of a new one. */
  readonly bounds: readonly number[];
  /** Why a new one cannot be made. */
  readonly needs?: string;
  /** x · f(x) as exporters write it: the operators of f, in order. */
  readonly gate?: readonly string[];
  /** Tells apart what shares an operator. */
  readonly fits?: (node: Node, graph: Graph) => boolean;
}

const variadic: ReadonlySet<string> = new Set(['Sum', 'Max', 'Min', 'Mean']);
const slopes = { operands: 1, needs: 'slopes that the model does not hold' };
const limits = { needs: 'bounds: write `Relu6` for a Clip from 0 to 6' };

const gates: ReadonlyMap<string, readonly string[]> = new Map([
  ['Swish', ['Sigmoid']],
  ['HardSwish', ['HardSigmoid']],
  ['Mish', ['Softplus', 'Tanh']],
]);

const single: readonly ActivationForm[] = unaryOperators.map(({ name, domain }) => ({
  ...{ name: domain === '' || name !== 'Gelu' ? name : 'com.microsoft.Gelu', operator: name, domain },
  ...{ operands: 1, bounds: [] },
  ...(name === 'Clip' ? limits : {}),
  ...(domain === '' && gates.has(name) ? { gate: gates.get(name)! } : {}),
}));

const relu6: ActivationForm = {
  ...{ name: 'Relu6', operator: 'Clip', domain: '', operands: 1, bounds: [0, 6] },
  fits: (node, graph) => boundsOf(node, graph).join() === '0,6',
};

const several: readonly ActivationForm[] = binaryOperators
  .filter(({ name }) => !variadic.has(name))
  .map(({ name, domain }) => ({
    ...{ name, operator: name, domain, operands: 2, bounds: [] },
    ...(name === 'PRelu' ? slopes : {}),
  }));

export const activationForms: readonly ActivationForm[] = [...single, relu6, ...several];

const spellings: ReadonlyMap<string, string> = new Map([
  ['relu6', 'Relu6'],
  ['silu', 'Swish'],
  ['swish', 'Swish'],
]);

export function formNamed(name: string): ActivationForm | undefined {
  const known = spellings.get(name.toLowerCase()) ?? name;
  return activationForms.find((form) => form.name === known);
}

/** Nodes that compute one activation, the one that makes its result last. */
export interface Occurrence {
  readonly nodes: readonly Node[];
  readonly operands: readonly string[];
}

export function occurrencesOf(form: ActivationForm, graph: Graph): readonly Occurrence[] {
  const producers = producersOf(graph.nodes);
  const consumers = consumersOf(graph.nodes);
  return graph.nodes.flatMap((node): readonly Occurrence[] => {
    if (node.operator === form.operator && node.domain === form.domain && form.fits?.(node, graph) !== false) {
      return [{ nodes: [node], operands: node.inputs.slice(0, form.operands) }];
    }
    if (form.gate === undefined || node.operator !== 'Mul' || node.domain !== '' || node.inputs.length !== 2) return [];
    const [left, right] = node.inputs as [string, string];
    const gate = gateBehind(form.gate, { from: left, to: right }) ?? gateBehind(form.gate, { from: right, to: left });
    return gate ?? [];

    /** The chain of operators from one operand of the product to the other, which nothing else reads. */
    function gateBehind(operators: readonly string[], { from, to }: { from: string; to: string }) {
      const chain: Node[] = [];
      let name = to;
      for (const operator of operators.toReversed()) {
        const maker = producers.get(name);
        const alone = consumers.get(name)?.length === 1 && !graph.outputs.includes(name);
        if (maker?.operator !== operator || maker.domain !== '' || !alone) return undefined;
        chain.unshift(maker);
        name = maker.inputs[0] ?? '';
      }
      return name === from ? [{ nodes: [...chain, node], operands: [from] }] : undefined;
    }
  });
}
