/** What the models of a repository measure today, as far as that can be known without asking anybody. */
import { UserError } from '../../errors.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import type { Target } from '../../schedule/target.ts';
import { compile } from '../../schedule/compile.ts';
import { simulate } from '../../simulate/simulate.ts';
import type { UnboundDimension } from '../../passes/prepared.ts';
import { surveyModel, type SurveyedModel } from '../survey.ts';
import type { Snapshot } from '../snapshot.ts';

export interface MeasuredModel {
  readonly path: string;
  /** Null: it cannot be read. */
  readonly fileBytes: number | null;
  /** Dimensions that need a value. */
  readonly unbound: readonly UnboundDimension[];
  /** One for each target; empty where it is not measured. */
  readonly figures: readonly Figures[];
  /** Why it is not measured, for people. */
  readonly problem?: string;
  readonly isPointer: boolean;
}

export interface Figures {
  /** As the config names it. */
  readonly target: string;
  readonly latencySeconds: number;
  readonly peakMemoryBytes: number;
}

export interface NamedTarget {
  readonly id: string;
  readonly target: Target;
}

const unbound = { dims: new Map<string, number>(), inputs: new Map<string, readonly number[]>() };

export function measureModel(snapshot: Snapshot, path: string, targets: readonly NamedTarget[]): MeasuredModel {
  const surveyed = surveyModel(snapshot, path, unbound);
  const nothing = { path, fileBytes: null, unbound: [], figures: [], isPointer: false };
  if (surveyed.kind === 'unreadable') return { ...nothing, problem: surveyed.reason };
  if (surveyed.kind === 'pointer') {
    const problem = 'Git LFS has not fetched it';
    return { ...nothing, fileBytes: surveyed.pointer.byteLength, problem, isPointer: true };
  }
  return { ...nothing, ...measured(surveyed, targets) };
}

/** Of a model that is not read, since there are so many. */
export function unmeasuredModel(path: string, fileBytes: number): MeasuredModel {
  const problem = 'there are too many models to measure each';
  return { path, fileBytes, unbound: [], figures: [], problem, isPointer: false };
}

type ReadModel = Extract<SurveyedModel, { kind: 'read' }>;

function measured({ model, prepared, sources }: ReadModel, targets: readonly NamedTarget[]): Partial<MeasuredModel> {
  const fileBytes = model.files.reduce((sum, file) => sum + file.byteLength, 0);
  if (prepared.unbound.length > 0) return { fileBytes, unbound: prepared.unbound };
  try {
    const simulations = targets.map(({ id, target }) => ({ id, ...simulate(compile(prepared, target, { sources })) }));
    const unknown = simulations.flatMap(({ schedule }) => unknownOperators(schedule));
    if (unknown.length > 0) return { fileBytes, problem: `the cost of ${unknown[0]} is not known` };
    const figures = simulations.map(({ id, totals: { latencySeconds, peakMemoryBytes } }) => ({
      ...{ target: id, latencySeconds, peakMemoryBytes },
    }));
    return { fileBytes, figures };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { fileBytes, problem: error.message };
  }
}

function unknownOperators({ unknownOperators: unknown, uncountedOperators }: Schedule): readonly string[] {
  return [...unknown.map(({ operator }) => operator), ...uncountedOperators];
}
