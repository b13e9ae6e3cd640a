/** A what-if on one target: the model as it is and as it would be, both compiled and simulated. */
import type { ModelSources } from '../ir/byte-source.ts';
import { applyEdits, type ChosenEdit, type EditedModel, type EditStep } from '../optimizations/apply.ts';
import { editedSources } from '../optimizations/weights/edited-sources.ts';
import type { EditedWeight } from '../optimizations/optimization.ts';
import type { WeightError } from '../optimizations/weights/weight-errors.ts';
import type { Bindings, PreparedModel } from '../passes/prepared.ts';
import { compile, type CompileOptions } from '../schedule/compile.ts';
import { formsUnpacked } from '../schedule/compressed-weights.ts';
import { precisionOf } from '../schedule/legalize.ts';
import type { WeightFacts, WeightReader } from '../schedule/npu/weights/facts.ts';
import type { Target } from '../schedule/target.ts';
import { simulate } from '../simulate/simulate.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { layersByNode } from './layer-heads.ts';
import { withEdits } from './recorded-edits.ts';
import { rememberedHead } from './remembered-heads.ts';

/** A model that is asked about. */
export interface Subject {
  readonly prepared: PreparedModel;
  /** The values that it was prepared with. */
  readonly bindings: Bindings;
  /** Its files; absent: of what depends on the weights' values, what was recorded is known. */
  readonly sources?: ModelSources;
  /** What was found out while the files were there; see `onAssumed` of `WeightReader`. */
  readonly recorded?: WeightRecord;
  readonly assumedType?: Exclude<CompileOptions['assumedType'], undefined>;
  readonly rateHertz?: number;
}

/** In place of a model's files. */
export interface WeightRecord extends Omit<WeightReader, 'sources'> {
  /** By what was done to one node's weights; see `errors.ts`. */
  readonly errors?: ReadonlyMap<string, WeightError>;
  /** By what was done to a constant; see `editKeys`. */
  readonly edited?: ReadonlyMap<string, WeightFacts>;
}

/** What is known of a model beside the model itself. */
export interface Assumptions {
  readonly assumedType?: CompileOptions['assumedType'];
  readonly rateHertz?: number | undefined;
}

export function subjectOf(
  { prepared, bindings, sources }: Required<Pick<Subject, 'prepared' | 'bindings' | 'sources'>>,
  { assumedType, rateHertz }: Assumptions,
): Subject {
  return {
    ...{ prepared, bindings, sources },
    ...(assumedType === undefined ? {} : { assumedType }),
    ...(rateHertz === undefined ? {} : { rateHertz }),
  };
}

export interface WhatIf {
  readonly base: Simulation;
  readonly head: Simulation;
  /** Names of the base's layers that an edit was made for, in execution order. */
  readonly touched: readonly string[];
  readonly notApplied: readonly NotAppliedLayer[];
  /** What a reader should know of the result, a sentence each. */
  readonly remarks: readonly string[];
  /** Weights of which the edited file stores something else. */
  readonly weights: readonly EditedWeight[];
}

/** A layer that was selected and stays as it is. */
export interface NotAppliedLayer {
  readonly layer: string;
  readonly reason: string;
}

export function simulateSubject(subject: Subject, target: Target): Simulation {
  return simulateVersion(subject, target, subject);
}

/** The subject itself, or what an edit made of it. What the target assumes is decided by the subject. */
function simulateVersion(
  { prepared: given, assumedType, rateHertz }: Subject,
  target: Target,
  { prepared, sources, recorded }: Pick<Subject, 'prepared' | 'sources' | 'recorded'>,
): Simulation {
  const schedule = compile(prepared, target, {
    ...(assumedType === undefined ? {} : { assumedType }),
    ...(sources === undefined
      ? { recorded: recorded?.recorded, onAssumed: recorded?.onAssumed }
      : { sources, onFound: recorded?.onFound }),
    assumedFor: given.graph,
  });
  return simulate(schedule, rateHertz === undefined ? {} : { rateHertz });
}

/**
 * `base`: the subject on this target, as `simulateSubject` gives it; what the target assumes of it holds for both sides.
 * Throws `UserError` where an edit does not fit the model.
 */
export function whatIf(subject: Subject, base: Simulation, edits: readonly ChosenEdit[]): WhatIf {
  const { prepared, bindings, sources, assumedType } = subject;
  const { target } = base.schedule;
  const precision = precisionOf(prepared.graph, target, assumedType);
  const edited = applyEdits(prepared, edits, {
    bindings,
    ...(precision.assumed ? { assumed: precision.float } : {}),
  });
  const simulated = () =>
    simulateVersion(subject, target, {
      prepared: edited.prepared,
      ...(sources === undefined ? {} : { sources: editedSources(sources, edited.weights) }),
      ...(subject.recorded === undefined ? {} : { recorded: withEdits(subject.recorded, edited.weights) }),
    });
  // Of others the edited model is another record each time.
  const isRepeated = edits.every(({ edit, key }) => edit.kind === 'graph' && key !== undefined);
  const head = isRepeated ? rememberedHead(subject, { edited: edited.prepared, target }, simulated) : simulated();
  const { touched, notApplied } = layersOf(edited.steps, base);
  if (edits.some(({ edit }) => edit.kind === 'inputs')) for (const name of resizedLayers(base, head)) touched.add(name);
  return {
    base,
    head,
    touched: base.layers.map(({ name }) => name).filter((name) => touched.has(name)),
    notApplied,
    remarks: remarksOf(edited, target),
    weights: edited.weights,
  };
}

const unpackedWords = { palette: 'palettes of weights', sparse: 'zeros among weights' } as const;

/** Of the edits, and of compressed weights that this target reads unpacked. */
function remarksOf({ steps, weights, prepared: { graph } }: EditedModel, target: Target): readonly string[] {
  const packed = weights.some(({ to }) => to.packing !== undefined);
  const forms = packed ? formsUnpacked(graph, target) : [];
  return [
    ...new Set(steps.flatMap(({ remarks }) => remarks)),
    ...forms.map(
      (form) => `${unpackedWords[form]} are unpacked when this target loads the model: latency does not move`,
    ),
  ];
}

interface TouchedLayers {
  readonly touched: Set<string>;
  readonly notApplied: readonly NotAppliedLayer[];
}

/** A layer that one of its nodes was changed in is not told why its others were not. */
function layersOf(steps: readonly EditStep[], base: Simulation): TouchedLayers {
  const layerOf = layersByNode(base);
  const touched = new Set<string>();
  const notApplied = new Map<string, NotAppliedLayer>();
  for (const step of steps) {
    const here = new Set(step.touched.map((id) => layerOf.get(id) ?? id));
    for (const name of here) touched.add(name);
    for (const { node, reason } of step.notApplied) {
      const layer = layerOf.get(node) ?? node;
      if (!here.has(layer)) notApplied.set(JSON.stringify([layer, reason]), { layer, reason });
    }
  }
  return { touched, notApplied: [...notApplied.values()] };
}

/** Layers that work on other sizes than before. */
function resizedLayers(base: Simulation, head: Simulation): readonly string[] {
  const shapes = new Map(head.layers.map(({ name, outputShape }) => [name, outputShape.join()]));
  return base.layers
    .filter(({ name, nodes, outputShape }) => nodes.length > 0 && shapes.get(name) !== outputShape.join())
    .map(({ name }) => name);
}
