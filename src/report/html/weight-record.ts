/**
 * What the page takes along of weights in place of their bytes: sizes that targets with compressed weights found, and how far
 * usual edits take weights from the file's.
 */
import { chooseEdits } from '../../advise/selection.ts';
import { recordedErrors } from '../../advise/errors.ts';
import { editKeys } from '../../advise/recorded-edits.ts';
import { simulateSubject, whatIf, type Subject } from '../../advise/what-if.ts';
import { UserError } from '../../errors.ts';
import type { Initializer } from '../../ir/graph.ts';
import { applyEdits } from '../../optimizations/apply.ts';
import { parseEdits, trialsFor } from '../../optimizations/index.ts';
import type { EditedWeight } from '../../optimizations/optimization.ts';
import {
  addFact,
  constantKey,
  recordedWeights,
  type FoundFact,
  type WeightFacts,
} from '../../schedule/npu/weights/facts.ts';
import { readsElements } from '../../schedule/npu/compile.ts';
import type { Target } from '../../schedule/target.ts';
import type { Simulation } from '../../simulate/simulation.ts';
import type { PageSide } from './document.ts';

export type WeightRecord = Pick<PageSide, 'weights' | 'errors' | 'edited'>;

/** Of larger models errors are not measured: all usual edits take about half a second for each megabyte. */
const mostMeasuredBytes = 8 * 2 ** 20;
/** Of larger ones edited weights are not encoded: all edits of a search take two seconds for each megabyte and target. */
const mostEncodedBytes = 2 * 2 ** 20;

/** Of a version whose report is made: what its targets asked. */
export function weightRecord({ prepared }: Pick<Subject, 'prepared'>): WeightRecord {
  const weights = recordedWeights(prepared.graph.initializers.values());
  return weights.size === 0 ? {} : { weights };
}

/** With what usual edits of it would come to, where the weights are few. The version that is edited: the head. */
export function editedWeightRecord(subject: Subject, targets: readonly Target[]): WeightRecord {
  const { prepared, sources } = subject;
  const bytes = [...prepared.graph.initializers.values()].reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  if (sources === undefined || bytes > mostMeasuredBytes) return weightRecord(subject);
  const errors = recordedErrors(
    sources,
    usualEdits(subject).map((text) => editedBy(subject, text)),
  );
  const weights = new Map(recordedWeights(prepared.graph.initializers.values()));
  const edited = new Map<string, WeightFacts>();
  for (const target of bytes > mostEncodedBytes ? [] : targets.filter(readsElements)) {
    const base = simulateSubject(subject, target);
    for (const text of trialsFor(prepared)) addEdit(subject, { base, text }, { weights, edited });
  }
  return {
    ...(weights.size === 0 ? {} : { weights }),
    ...(errors.size === 0 ? {} : { errors }),
    ...(edited.size === 0 ? {} : { edited }),
  };
}

/** What a search tries, and what readers ask for beside it. */
function usualEdits({ prepared }: Subject): readonly string[] {
  return [...new Set([...trialsFor(prepared), 'int8 granularity=channel', 'palettize 4', 'sparsify 0.5'])];
}

/** Nothing where the edit does not fit the model. */
function editedBy({ prepared, bindings }: Subject, text: string): readonly EditedWeight[] {
  return unlessRefused(() => applyEdits(prepared, wholeModel(text), { bindings }).weights) ?? [];
}

interface Records {
  readonly weights: Map<string, WeightFacts>;
  readonly edited: Map<string, WeightFacts>;
}

/** What the edited model asks about weights that the edit made, and about those that it leaves. */
function addEdit(
  subject: Subject,
  { base, text }: { readonly base: Simulation; readonly text: string },
  { weights, edited }: Records,
): void {
  const found: (readonly [string, FoundFact])[] = [];
  const onFound = (constant: Initializer, fact: FoundFact) => void found.push([constantKey(constant), fact]);
  const listened = { ...subject, recorded: { onFound } };
  const keys = unlessRefused(() => editKeys(whatIf(listened, base, wholeModel(text)).weights));
  for (const [constant, fact] of keys === undefined ? [] : found) {
    const key = keys!.get(constant);
    if (key === undefined) addFact(weights, constant, fact);
    else addFact(edited, key, fact);
  }
}

/** Edits without `on` look at no layer. */
function wholeModel(text: string) {
  return chooseEdits(parseEdits(text), { layers: [] });
}

function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
