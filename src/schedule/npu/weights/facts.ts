/**
 * What is found out about the numbers of weights: kept for as long as a model's constants live, since targets share it and
 * schedules ask again, and recorded for where the numbers themselves will not be.
 */
import type { ModelSources } from '../../../ir/byte-source.ts';
import type { Initializer } from '../../../ir/graph.ts';

/** A layer's weights in all its slices. */
export interface EncodedWeights {
  /** Weights and biases of each slice, every core's. */
  readonly sliceBytes: readonly number[];
  /** All slices, without biases. */
  readonly weightBytes: number;
  readonly totalBytes: number;
  /** Of the first slice, without what aligns its parts. */
  readonly firstBytes: number;
  /** The largest slice of those at even and at odd places: what two buffers have to hold. */
  readonly evenBytes: number;
  readonly oddBytes: number;
  /** In the format of a decoder without entropy coding. */
  readonly fast?: boolean;
}

/** One slice of output channels in both formats of an Ethos-U85. */
export interface EncodedSlice {
  readonly encodedBytes: number;
  /** Infinity where the fast decoder cannot have them. */
  readonly fastBytes: number;
  /** Weights that are decoded, padding included. */
  readonly count: number;
  readonly zeros: number;
  readonly distinct: number;
}

/** Answers by question: in which shape, order and slices. */
export interface WeightFacts {
  readonly encoded: ReadonlyMap<string, EncodedWeights>;
  readonly slices: ReadonlyMap<string, EncodedSlice>;
  readonly sparse: ReadonlyMap<string, boolean>;
}

/** By `constantKey`. */
export type RecordedWeights = ReadonlyMap<string, WeightFacts>;

/** Where answers come from. */
export interface WeightReader {
  /** The model's files: targets that compress weights look at them. Absent: a usual size is assumed. */
  readonly sources?: ModelSources | undefined;
  /** In place of the files: what was found out while they were there. */
  readonly recorded?: RecordedWeights | undefined;
  /** Is told of constants that something is assumed of since neither files nor record tell. */
  readonly onAssumed?: ((constant: Initializer) => void) | undefined;
  /** Is told all that was found out and asked for. */
  readonly onFound?: ((constant: Initializer, found: FoundFact) => void) | undefined;
}

/** One answer. */
export type FoundFact = {
  readonly [K in Kind]: { readonly kind: K; readonly question: string; readonly fact: Fact<K> };
}[Kind];

/** Tells the constants of a model apart by the bytes that they stand for; edits copy the records of those that they leave. */
export function constantKey({ name, dtype, shape, ranges }: Initializer): string {
  const places = ranges.map(({ file, offset }) => `${offset}@${file}`);
  return JSON.stringify([name, dtype, ...shape, ...places]);
}

const remembered = new WeakMap<Initializer, WeightFacts>();

type Kind = keyof WeightFacts;
type Fact<K extends Kind> = WeightFacts[K] extends ReadonlyMap<string, infer F> ? F : never;

interface Asked<K extends Kind> {
  readonly kind: K;
  readonly constant: Initializer;
  readonly question: string;
  /** Without files something is assumed; else it is known in any case. */
  readonly isAssumed: boolean;
}

/** @param find looks at the numbers where the reader has files, and assumes something where it has none */
export function weightFact<K extends Kind>(asked: Asked<K>, reader: WeightReader, find: () => Fact<K>): Fact<K> {
  const { kind, constant, question, isAssumed } = asked;
  const recorded = reader.recorded?.get(constantKey(constant))?.[kind].get(question);
  if (recorded !== undefined) return recorded as Fact<K>;
  if (reader.sources === undefined && isAssumed) {
    if (constant.available) reader.onAssumed?.(constant);
    return find();
  }
  const facts = remembered.get(constant) ?? { encoded: new Map(), slices: new Map(), sparse: new Map() };
  remembered.set(constant, facts);
  // The maps are written here and nowhere else.
  const known = facts[kind] as Map<string, Fact<K>>;
  const fact = known.get(question) ?? find();
  known.set(question, fact);
  // `K` is one kind, which the compiler does not follow into a union over kinds.
  reader.onFound?.(constant, { kind, question, fact } as unknown as FoundFact);
  return fact;
}

/** Whatever targets asked so far about these constants, and files answered. */
export function recordedWeights(constants: Iterable<Initializer>): RecordedWeights {
  const recorded = new Map<string, WeightFacts>();
  for (const constant of constants) {
    const facts = remembered.get(constant);
    if (facts === undefined) continue;
    const [encoded, slices, sparse] = [new Map(facts.encoded), new Map(facts.slices), new Map(facts.sparse)];
    if (encoded.size + slices.size + sparse.size > 0) recorded.set(constantKey(constant), { encoded, slices, sparse });
  }
  return recorded;
}

/** `recorded` with one more fact of the constant that goes by `key` there. */
export function addFact(recorded: Map<string, WeightFacts>, key: string, { kind, question, fact }: FoundFact): void {
  const before = recorded.get(key) ?? { encoded: new Map(), slices: new Map(), sparse: new Map() };
  const facts = before[kind] as ReadonlyMap<string, typeof fact>;
  if (facts.has(question)) return;
  recorded.set(key, { ...before, [kind]: new Map([...facts, [question, fact]]) });
}
