/** How each operator carries channels from its inputs to its outputs. */
import { broadcastAll } from '../../operators/broadcast.ts';
import { findOperator, workOf } from '../../operators/index.ts';
import { numericShape } from '../../operators/type.ts';
import { axisRules } from './axis-rules.ts';
import { elementwiseRule } from './elementwise-rule.ts';
import type { Following, Rule } from './following.ts';
import { layoutRules } from './layout-rules.ts';
import { productRules } from './product-rules.ts';

const rules: ReadonlyMap<string, Rule> = new Map([...productRules, ...axisRules, ...layoutRules]);

/** Undefined for an operator whose channels are not followed. */
export function ruleFor(following: Following): Rule | undefined {
  const { node, typed, graph } = following;
  if (node.domain === '' && rules.has(node.operator)) return rules.get(node.operator);
  const [output] = following.outputs;
  if (output === undefined || findOperator(node.domain, node.operator) === undefined) return undefined;
  const types = node.outputs.map((name) => graph.tensors.get(name) ?? { dtype: null, shape: null });
  if (workOf(typed, types).operatorClass !== 'elementwise') return undefined;
  const operands = typed.inputs.filter((type) => type !== undefined);
  const common = numericShape(broadcastAll(operands.map(({ shape }) => shape)));
  return common?.join() === output.join() ? elementwiseRule : undefined;
}
