/** Merkle keys of nodes: the cone that leads to a node, with and without values, and the cone that follows from it. */
import type { CanonicalGraph, CanonicalNode, Operand } from './canonical.ts';
import type { Intern } from './intern.ts';

/** What a node is by itself. */
export interface LocalKeys {
  readonly local: number;
  /** With the values of weights and settings. */
  readonly content: number;
  /** Where several operands may be swapped. */
  readonly commutative: boolean;
}

/** All by topological index. */
export interface PlaceKeys {
  readonly local: readonly number[];
  readonly structure: readonly number[];
  readonly content: readonly number[];
  readonly backward: readonly number[];
  /** Nodes on the longest way from an input. */
  readonly height: readonly number[];
  readonly commutative: readonly boolean[];
  readonly outputs: number;
}

export function placeKeys(graph: CanonicalGraph, locals: readonly LocalKeys[], intern: Intern): PlaceKeys {
  const structure: number[] = [];
  const content: number[] = [];
  const height: number[] = [];
  graph.nodes.forEach((node, index) => {
    const { local, content: values, commutative } = locals[index]!;
    structure.push(intern(`cone ${local} ${operandTexts(node, structure, commutative)}`));
    content.push(intern(`cone ${values} ${operandTexts(node, content, commutative)}`));
    const below = node.operands.map((operand) => (operand.kind === 'node' ? height[operand.producer]! : 0));
    height.push(1 + below.reduce((most, one) => Math.max(most, one), 0));
  });
  return {
    local: locals.map(({ local }) => local),
    structure,
    content,
    height,
    backward: backwardKeys(graph, locals, intern),
    commutative: locals.map(({ commutative }) => commutative),
    outputs: intern(`outputs ${graph.outputs.map((operand) => operandText(operand, structure)).join(' ')}`),
  };
}

function operandTexts(node: CanonicalNode, keys: readonly number[], commutative: boolean): string {
  const texts = node.operands.map((operand) => operandText(operand, keys));
  return (commutative ? texts.sort() : texts).join(' ');
}

function operandText(operand: Operand, keys: readonly number[]): string {
  if (operand.kind === 'node') return `${keys[operand.producer]!}.${operand.output}`;
  return operand.kind === 'input' ? `input${operand.index}` : operand.kind;
}

function backwardKeys(graph: CanonicalGraph, locals: readonly LocalKeys[], intern: Intern): readonly number[] {
  const uses = graph.nodes.map((): string[] => []);
  graph.outputs.forEach((operand, index) => {
    if (operand.kind === 'node') uses[operand.producer]!.push(`output${index}.${operand.output}`);
  });
  const keys = graph.nodes.map(() => 0);
  for (let index = graph.nodes.length - 1; index >= 0; index -= 1) {
    const { local, commutative } = locals[index]!;
    const key = intern(`uses ${local} ${uses[index]!.sort().join(' ')}`);
    keys[index] = key;
    graph.nodes[index]!.operands.forEach((operand, position) => {
      if (operand.kind !== 'node') return;
      uses[operand.producer]!.push(`${key}.${commutative ? '' : position}.${operand.output}`);
    });
  }
  return keys;
}
