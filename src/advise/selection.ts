/** Which nodes the edits of a what-if are for: the words after `on`, answered with the layers of a simulation. */
import { UserError } from '../errors.ts';
import { layerGlob } from '../glob.ts';
import type { Node } from '../ir/graph.ts';
import { didYouMean } from '../near-miss.ts';
import type { ChosenEdit } from '../optimizations/apply.ts';
import { printPhrase, type Selection } from '../optimizations/grammar.ts';
import type { Edit } from '../optimizations/index.ts';
import type { LayerCost, Simulation } from '../simulate/simulation.ts';

/**
 * `layers`: of the model before any edit on the first target, which decides what `top:n` means on all of them.
 * @throws UserError where a selection finds no layer.
 */
export function chooseEdits(edits: readonly Edit[], { layers }: Pick<Simulation, 'layers'>): readonly ChosenEdit[] {
  const chosen: ChosenEdit[] = [];
  let before = '';
  for (const { phrase, edit } of edits) {
    const selects = selectorOf(phrase.on, layers);
    const words = printPhrase({ ...phrase, on: { kind: 'all' } });
    const last = words === before && oncePerModel.has(phrase.name) ? chosen.pop() : undefined;
    chosen.push(
      last === undefined ? { edit, selects } : { edit, selects: (node) => last.selects(node) || selects(node) },
    );
    before = words;
  }
  return chosen;
}

/**
 * Edits whose tools convert a whole model around what they are told to leave: given several times in a row they are one
 * with all that each selects. Made one after the other each would put casts around the casts of the one before.
 */
const oncePerModel: ReadonlySet<string> = new Set(['fp16', 'bf16']);

function selectorOf(on: Selection, layers: readonly LayerCost[]): (node: Node) => boolean {
  switch (on.kind) {
    case 'all':
      return () => true;
    case 'operator':
      return operatorSelector(on.operator, layers);
    case 'glob':
      return nodesOf(globbed(on.pattern, layers));
    case 'top':
      return nodesOf(slowest(layers, on.count));
  }
}

function globbed(pattern: string, layers: readonly LayerCost[]): readonly LayerCost[] {
  const found = layersNamed(pattern, layers);
  if (found.length > 0) return found;
  const near = didYouMean(
    pattern,
    layers.map(({ name }) => name),
  );
  throw new UserError(`no layer matches \`${pattern}\`${near}`);
}

/** By the layer's name or that of one of its source nodes. */
export function layersNamed(pattern: string, layers: readonly LayerCost[]): readonly LayerCost[] {
  const matches = layerGlob(pattern);
  return layers.filter((layer) => layer.nodes.length > 0 && (matches(layer.name) || layer.nodes.some(matches)));
}

function slowest(layers: readonly LayerCost[], count: number): readonly LayerCost[] {
  return layers
    .map((layer, index) => ({ layer, index }))
    .filter(({ layer }) => layer.nodes.length > 0)
    .sort((a, b) => b.layer.latencySeconds - a.layer.latencySeconds || a.index - b.index)
    .slice(0, count)
    .map(({ layer }) => layer);
}

/** A layer that is chosen is chosen with all that was fused into it. */
function nodesOf(layers: readonly LayerCost[]): (node: Node) => boolean {
  const ids = new Set(layers.flatMap(({ nodes }) => nodes));
  return ({ sources }) => sources.some((id) => ids.has(id));
}

/** An activation that was fused into a convolution is found by its own operator. */
function operatorSelector(operator: string, layers: readonly LayerCost[]): (node: Node) => boolean {
  const operators = new Set(layers.flatMap(({ op }) => op.split(' + ')));
  if (!operators.has(operator)) {
    throw new UserError(`no layer's operator is \`${operator}\`${didYouMean(operator, operators)}`);
  }
  return (node) => operator === (node.domain === '' ? node.operator : `${node.domain}.${node.operator}`);
}
