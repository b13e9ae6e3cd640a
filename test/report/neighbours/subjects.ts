/** Fixtures as files for other tools are made from them, and what those tools' own readers found in the fixtures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { neighbourFiles } from '../../../src/report/neighbours/index.ts';
import type { NeighbourFormat, NeighbourSubject } from '../../../src/report/neighbours/neighbour.ts';
import { neighbourSubject } from '../../../src/review/neighbour-subject.ts';
import { reviewPairs, type Pair } from '../../review/input.ts';

interface ReadByTools {
  /**
   * Operators by graph and id, as ai-edge-model-explorer 0.1.34 (TFLite, with its adapter 0.2.1) and
   * model-explorer-onnx 0.4.2 (ONNX) named them.
   */
  readonly modelExplorer: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
  /** Netron 9.3.3: name of the graph, and all keys by which an attachment finds a node or a tensor. */
  readonly netron: Readonly<Record<string, { readonly graph: string; readonly keys: readonly string[] }>>;
}

export const readByTools = JSON.parse(
  readFileSync(join(import.meta.dirname, 'read-by-tools.json'), 'utf8'),
) as ReadByTools;

export function subjectOf(pair: Pair, target: string): NeighbourSubject {
  const found: NeighbourSubject[] = [];
  reviewPairs([pair], { targets: [target], onCompiled: (compiled) => found.push(neighbourSubject(compiled)) });
  return found[0]!;
}

/** Parsed, by the end of the file's name. */
export function filesOf<T>(format: NeighbourFormat, subject: NeighbourSubject): ReadonlyMap<string, T> {
  return new Map(neighbourFiles(format, subject).map(({ name, text }) => [name, JSON.parse(text) as T]));
}

/** Models whose nodes each tool names in a way of its own: loops and functions, odd names, TFLite with and without subgraphs. */
export const namedModels = [
  ['recurrent-control.onnx', 'rpi4-xnnpack'],
  ['everything-ir11-absent.onnx', 'rpi4-xnnpack'],
  ['cnn-int8.tflite', 'ethos-u55-128'],
  ['control.tflite', 'ethos-u55-128'],
] as const;

/** Of what stands at nodes: what one inference takes beside its layers does not. */
export function latencyOfNodes({ rows }: NeighbourSubject): number {
  const layers = rows.flatMap(({ head }) => head).filter(({ id }) => id !== '(invocation)');
  return layers.reduce((sum, { latencySeconds }) => sum + latencySeconds, 0);
}
