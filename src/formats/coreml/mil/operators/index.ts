/** The operations of MIL in ONNX's vocabulary, by type. */
import { emit } from '../../emission.ts';
import { tensors, type Operation } from '../operation.ts';
import { compression } from './compression.ts';
import { control } from './control.ts';
import { elementwise } from './elementwise.ts';
import { normalizations } from './normalizations.ts';
import { products } from './products.ts';
import { recurrences } from './recurrences.ts';
import { resizings } from './resizing.ts';
import { selections } from './selections.ts';
import type { BodyReader, Table } from './translate.ts';
import { views } from './views.ts';
import { windows } from './windows.ts';

const tables: readonly Table[] = [
  compression,
  control,
  elementwise,
  normalizations,
  products,
  recurrences,
  resizings,
  selections,
  views,
  windows,
];

const byType = new Map(tables.flat());

/** Types of operations that have a row; `const` is read elsewhere. */
export const milOperations: ReadonlySet<string> = new Set(['const', ...byType.keys()]);

/** An operation without a row, custom ones among them, keeps its name in the domain `coreml`. */
export function translateOperation(operation: Operation, bodies: BodyReader): void {
  const translate = byType.get(operation.type);
  if (translate !== undefined) {
    translate(operation, bodies);
    return;
  }
  const inputs = [...operation.bindings.keys()].flatMap((parameter) => tensors(operation, parameter));
  emit(operation, `coreml.${operation.type.replaceAll('.', '_')}`, inputs);
}
