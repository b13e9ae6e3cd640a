/** Local functions may call one another, but not themselves: ONNX has no recursion, and nobody could unroll it. */
import { UserError } from '../../errors.ts';
import { bodiesOf } from '../../ir/bodies.ts';
import type { FunctionDefinition, Node } from '../../ir/graph.ts';
import { quote } from '../protobuf.ts';

/** @throws UserError naming a function that calls itself, directly or through others. */
export function checkRecursion(functions: readonly FunctionDefinition[], path: string): void {
  const byKey = new Map(functions.map((definition) => [keyOf(definition.domain, definition), definition]));
  const done = new Set<FunctionDefinition>();
  for (const first of byKey.values()) {
    const open = new Set<FunctionDefinition>();
    const stack = done.has(first) ? [] : [enter(first, open, byKey)];
    while (stack.length > 0) {
      const { definition, calls } = stack.at(-1)!;
      const called = calls.pop();
      if (called === undefined) {
        stack.pop();
        open.delete(definition);
        done.add(definition);
      } else if (open.has(called)) {
        throw new UserError(`${path}: local function ${quote(called.name)} calls itself; ONNX knows no recursion`);
      } else if (!done.has(called)) {
        stack.push(enter(called, open, byKey));
      }
    }
  }
}

interface Visit {
  readonly definition: FunctionDefinition;
  /** Those still to be visited. */
  readonly calls: FunctionDefinition[];
}

function enter(
  definition: FunctionDefinition,
  open: Set<FunctionDefinition>,
  byKey: ReadonlyMap<string, FunctionDefinition>,
): Visit {
  open.add(definition);
  return { definition, calls: [...new Set(definition.nodes.flatMap((node) => callsIn(node, byKey)))] };
}

function callsIn(node: Node, byKey: ReadonlyMap<string, FunctionDefinition>): readonly FunctionDefinition[] {
  const { operator: name, overload = '' } = node;
  const inner = bodiesOf(node).flatMap(([, body]) => body.nodes.flatMap((one) => callsIn(one, byKey)));
  const called = byKey.get(keyOf(node.domain, { name, overload }));
  return called === undefined ? inner : [called, ...inner];
}

function keyOf(domain: string, { name, overload }: Pick<FunctionDefinition, 'name' | 'overload'>): string {
  return JSON.stringify([domain === 'ai.onnx' ? '' : domain, name, overload]);
}
