/**
 * ONNX Runtime has no kernel for HardSwish: its optimizer writes it as the HardSigmoid and the Mul that it is defined by, and
 * its quantizer takes the second of them.
 */
import type { Node } from '../../ir/graph.ts';
import { nameFor, newNode } from './draft.ts';
import type { Draft } from './draft.ts';
import type { Step } from './step.ts';

/** The Mul keeps the node's id. */
export function spellOutHardSwish(draft: Draft, selects: (node: Node) => boolean): Step {
  const { given, tensors, addedNodes, removedNodes } = draft;
  if (!given.nodes.some(({ operator }) => operator === 'HardSwish')) return { graph: given, made: [] };
  const made: Node[] = [];
  const nodes = given.nodes.flatMap((node): readonly Node[] => {
    if (node.operator !== 'HardSwish' || node.domain !== '' || !selects(node)) return [node];
    const [input = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const inside = nameFor(draft, `${output}_HardSigmoid`);
    tensors.set(inside, tensors.get(output) ?? { dtype: 'float32', shape: null });
    const gate = newNode(draft, node, {
      name: inside,
      operator: 'HardSigmoid',
      inputs: [input],
      outputs: [inside],
      attributes: { alpha: { kind: 'float', value: 1 / 6 }, beta: { kind: 'float', value: 0.5 } },
    });
    const product: Node = { ...node, operator: 'Mul', inputs: [input, inside], attributes: new Map() };
    addedNodes.push({ ...gate, name: '' }, { ...product, name: '', metadata: new Map() });
    removedNodes.push(node);
    made.push(gate, product);
    return [gate, product];
  });
  return { graph: { ...given, nodes, tensors }, made };
}
