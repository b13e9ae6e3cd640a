/** `replace HardSwish:Relu`: an activation or element-wise operator by another of as many operands. */
import { UserError } from '../errors.ts';
import { bytesOf } from '../ir/data-type.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Graph, Initializer, Node } from '../ir/graph.ts';
import { didYouMean } from '../near-miss.ts';
import { findOperator } from '../operators/index.ts';
import { scopeOf } from '../passes/count-macs.ts';
import { typedNodeIn } from '../passes/scope.ts';
import type { EditedGraph, EditScope, EditWords, NotApplied, Optimization } from './optimization.ts';
import { activationForms, formNamed, occurrencesOf } from './replace/activation-forms.ts';
import type { ActivationForm, Occurrence } from './replace/activation-forms.ts';
import { onlyValue } from './words.ts';

const usage = 'replace <Operator>:<Operator>';

function parse(words: EditWords) {
  const value = onlyValue(words, { usage, example: 'replace HardSwish:Relu' });
  const [from, to, ...others] = value.split(':');
  if (!from || !to || others.length > 0) {
    throw new UserError(`\`replace ${value}\`: write \`${usage}\`, as \`replace HardSwish:Relu\``);
  }
  const forms = { from: namedForm(from), to: namedForm(to) };
  if (forms.from === forms.to) throw new UserError(`\`replace ${value}\` changes nothing`);
  if (forms.from.operands !== forms.to.operands) {
    throw new UserError(
      `\`replace ${value}\`: ${from} takes ${counted(forms.from)} and ${to} takes ${counted(forms.to)}`,
    );
  }
  if (forms.to.needs !== undefined) throw new UserError(`\`replace ${value}\`: ${to} needs ${forms.to.needs}`);
  return { kind: 'graph', apply: (graph: Graph, scope: EditScope) => replaceAll(graph, scope, forms) } as const;
}

function namedForm(name: string): ActivationForm {
  const form = formNamed(name);
  if (form !== undefined) return form;
  const names = activationForms.map((one) => one.name);
  throw new UserError(`\`${name}\` is no element-wise operator that can be replaced${didYouMean(name, names)}`);
}

function counted({ operands }: ActivationForm): string {
  return operands === 1 ? 'one operand' : `${operands} operands`;
}

interface Forms {
  readonly from: ActivationForm;
  readonly to: ActivationForm;
}

interface Replaced {
  readonly by: Node;
  readonly constants: readonly Initializer[];
  readonly gone: readonly Node[];
}

function replaceAll(graph: Graph, { selects }: EditScope, forms: Forms): EditedGraph {
  const replaced = new Map<Node, Replaced>();
  const notApplied: NotApplied[] = [];
  for (const occurrence of occurrencesOf(forms.from, graph)) {
    if (!occurrence.nodes.some(selects)) continue;
    const one = replacement(occurrence, graph, forms.to);
    if (typeof one === 'string') notApplied.push({ node: occurrence.nodes.at(-1)!.id, reason: one });
    else replaced.set(occurrence.nodes.at(-1)!, one);
  }
  return edited(graph, replaced, notApplied);
}

/** The node that takes the place of an occurrence, or why there is none. */
function replacement({ nodes, operands }: Occurrence, graph: Graph, to: ActivationForm): Replaced | string {
  const last = nodes.at(-1)!;
  const kept = graph.tensors.get(last.outputs[0]!);
  const bounds = to.bounds.map((value, index) => boundOf(`${last.id}/bound${index}`, kept?.dtype, value));
  const by: Node = {
    ...last,
    ...{ operator: to.operator, domain: to.domain, attributes: new Map(), outputs: last.outputs.slice(0, 1) },
    inputs: [...operands, ...bounds.map(({ name }) => name)],
    sources: [last, ...nodes.slice(0, -1)].flatMap(({ sources }) => sources),
  };
  const typed = typedNodeIn(scopeOf({ ...graph, initializers: withAll(graph, bounds) }), by);
  const made = findOperator(to.domain, to.operator)?.infer({
    ...typed,
    inferBody: () => ({ outputs: [], values: [] }),
  });
  // Integer tensors between quantized operators keep their type whatever the activation is.
  if (made?.[0]?.dtype !== kept?.dtype)
    return `${to.name} makes ${made?.[0]?.dtype} of what has to stay ${kept?.dtype}`;
  return { by, constants: bounds, gone: nodes };
}

/** Bounds have the type of what they bound. */
function boundOf(name: string, type: DataType | null | undefined, element: number): Initializer {
  const dtype = type ?? 'float32';
  const place = { encoding: 'raw', ranges: [], fileBytes: bytesOf(dtype, 1), available: false } as const;
  return { name, dtype, shape: [], ...place, value: { dtype, shape: [], elements: [element] } };
}

function withAll({ initializers }: Graph, added: readonly Initializer[]): Graph['initializers'] {
  return new Map([...initializers, ...added.map((one) => [one.name, one] as const)]);
}

function edited(graph: Graph, replaced: ReadonlyMap<Node, Replaced>, notApplied: readonly NotApplied[]): EditedGraph {
  const all = [...replaced.values()];
  const gone = new Set(all.flatMap((one) => one.gone));
  const nodes = graph.nodes.flatMap((node) => replaced.get(node)?.by ?? (gone.has(node) ? [] : [node]));
  const constants = all.flatMap((one) => one.constants);
  const read = new Set([...graph.outputs, ...nodes.flatMap(({ inputs }) => inputs)]);
  const unread = [...new Set([...gone].flatMap(({ inputs }) => inputs))].filter((name) => !read.has(name));
  const tensors = new Map(graph.tensors);
  const values = new Map(graph.values);
  for (const { name, dtype, shape, value } of constants) {
    tensors.set(name, { dtype, shape });
    values.set(name, value!);
  }
  return {
    graph: {
      ...graph,
      nodes,
      initializers: withAll(graph, constants),
      tensors,
      values,
      ...constantsOf(graph, constants),
    },
    weights: [],
    touched: all.map(({ by }) => by.id),
    notApplied,
    added: { nodes: all.map(({ by }) => by), constants },
    removed: { nodes: [...gone], constants: unread.flatMap((name) => graph.initializers.get(name) ?? []) },
  };
}

function constantsOf({ constants }: Graph, added: readonly Initializer[]): Pick<Graph, 'constants'> {
  return constants === undefined ? {} : { constants: new Set([...constants, ...added.map(({ name }) => name)]) };
}

export const replace: Optimization = {
  name: 'replace',
  usage,
  summary: 'an activation or element-wise operator by another, with its default attributes',
  besides: 'computation',
  parse,
  trials: ({ graph }) =>
    dear.filter((name) => graph.nodes.some(({ operator }) => operator === name)).map((name) => `replace ${name}:Relu`),
};

/** Activations that cost more than a Relu and can be trained away; Sigmoid and Tanh are gates as often. */
const dear = ['HardSwish', 'Gelu', 'Mish', 'Swish', 'Elu', 'Selu', 'Softplus'];
