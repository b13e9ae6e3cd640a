/** Which nodes the edits of a what-if are for: the words after `on`, answered with the layers of a simulation. */
import { UserError } from '../errors.ts';
import { layerSelector } from '../compare/layer-selector.ts';
import type { Node } from '../ir/graph.ts';
import { didYouMean } from '../near-miss.ts';
import type { ChosenEdit } from '../optimizations/apply.ts';
import { printPhrase, type Selection } from '../optimizations/grammar.ts';
import type { Edit } from '../optimizations/index.ts';
import type { ModelEdit } from '../optimizations/optimization.ts';
import type { LayerCost, Simulation } from '../simulate/simulation.ts';

/**
 * One after the other, the same edit on several sets of layers is one edit on all of them: `int8 on a; int8 on b` needs no
 * conversion between a and b. `layers`: of the model before any edit on the first target, which decides what `top:n`
 * means on all of them.
 * @throws UserError where a selection finds no layer.
 */
export function chooseEdits(edits: readonly Edit[], { layers }: Pick<Simulation, 'layers'>): readonly ChosenEdit[] {
  const runs: Run[] = [];
  for (const { phrase, edit } of edits) {
    const words = printPhrase({ ...phrase, on: { kind: 'all' } });
    const chosen = chosenLayers(phrase.on, layers);
    const last = runs.at(-1);
    if (chosen === undefined) {
      const selects = selectorOf(phrase.on, layers);
      runs.push({ edit, words, selects, layers: undefined, key: printPhrase(phrase) });
    } else if (last?.layers !== undefined && last.words === words && !chosen.some((layer) => last.layers.has(layer))) {
      for (const layer of chosen) last.layers.add(layer);
    } else runs.push({ edit, words, layers: new Set(chosen) });
  }
  return runs.map(chosenEdit);
}

function chosenEdit(run: Run): ChosenEdit {
  const { edit, words } = run;
  if (run.layers === undefined) return { edit, selects: run.selects, key: run.key };
  const ids = new Set([...run.layers].flatMap(({ nodes }) => nodes));
  return {
    edit,
    selects: ({ sources }) => sources.some((id) => ids.has(id)),
    key: JSON.stringify([words, ...[...ids].sort()]),
  };
}

/** What is made in one go: on nodes of its own choice, or on whole layers. */
type Run = { readonly edit: ModelEdit; readonly words: string } & (
  | { readonly selects: (node: Node) => boolean; readonly layers: undefined; readonly key: string }
  /** A layer that is chosen is chosen with all that was fused into it. */
  | { readonly layers: Set<LayerCost> }
);

/** Undefined where single nodes are meant. */
function chosenLayers(on: Selection, layers: readonly LayerCost[]): readonly LayerCost[] | undefined {
  if (on.kind === 'glob') return globbed(on.pattern, layers);
  return on.kind === 'top' ? slowest(layers, on.count) : undefined;
}

function selectorOf(on: Selection, layers: readonly LayerCost[]): (node: Node) => boolean {
  return on.kind === 'operator' ? operatorSelector(on.operator, layers) : () => true;
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
  const matches = layerSelector(pattern);
  return layers.filter((layer) => layer.nodes.length > 0 && matches(layer));
}

function slowest(layers: readonly LayerCost[], count: number): readonly LayerCost[] {
  return layers
    .map((layer, index) => ({ layer, index }))
    .filter(({ layer }) => layer.nodes.length > 0)
    .sort((a, b) => b.layer.latencySeconds - a.layer.latencySeconds || a.index - b.index)
    .slice(0, count)
    .map(({ layer }) => layer);
}

/** An activation that was fused into a convolution is found by its own operator. */
function operatorSelector(operator: string, layers: readonly LayerCost[]): (node: Node) => boolean {
  const operators = new Set(layers.flatMap(({ op }) => op.split(' + ')));
  if (!operators.has(operator)) {
    throw new UserError(`no layer's operator is \`${operator}\`${didYouMean(operator, operators)}`);
  }
  return (node) => operator === (node.domain === '' ? node.operator : `${node.domain}.${node.operator}`);
}
