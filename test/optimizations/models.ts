/** Edits of fixtures and of small graphs, as a command would apply them. */
import { readModel } from '../../src/formats/index.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import type { DataType } from '../../src/ir/data-type.ts';
import { applyEdits, type EditedModel } from '../../src/optimizations/apply.ts';
import type { Selection } from '../../src/optimizations/grammar.ts';
import { parseEdits } from '../../src/optimizations/index.ts';
import type { Node } from '../../src/ir/graph.ts';
import { prepare } from '../../src/passes/index.ts';
import type { PreparedModel } from '../../src/passes/prepared.ts';

const bindings = { dims: new Map<string, number>(), inputs: new Map<string, readonly number[]>() };

export function preparedBytes(bytes: Uint8Array, path: string): PreparedModel {
  return prepare(readModel(new Map([['', bufferSource(bytes)]]), path), bindings);
}

/** `on` knows operators and whole ids. */
export function edit(prepared: PreparedModel, text: string, assumed?: DataType): EditedModel {
  const edits = parseEdits(text).map((each) => ({ edit: each.edit, selects: selects(each.phrase.on) }));
  return applyEdits(prepared, edits, { bindings, ...(assumed === undefined ? {} : { assumed }) });
}

function selects(on: Selection): (node: Node) => boolean {
  if (on.kind === 'operator') return ({ operator }) => operator === on.operator;
  if (on.kind === 'glob') return ({ id }) => id === on.pattern;
  return () => true;
}

export function fileBytes({ model }: PreparedModel): number {
  return model.files.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

export function operatorCounts({ graph }: PreparedModel): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { operator } of graph.nodes) counts[operator] = (counts[operator] ?? 0) + 1;
  return counts;
}
