/** The models of a page as its worker reads them: written and read back, without the files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulateSubject } from '../../../../src/advise/what-if.ts';
import type { Budget } from '../../../../src/compare/comparison.ts';
import { readModel } from '../../../../src/formats/index.ts';
import { bufferSource } from '../../../../src/ir/byte-source.ts';
import { parseRecordText, recordText } from '../../../../src/ir/record-text.ts';
import { prepare } from '../../../../src/passes/index.ts';
import type { PageModels, PageSide } from '../../../../src/report/html/document.ts';
import { editedWeightRecord, weightRecord } from '../../../../src/report/html/weight-record.ts';
import { shippedTargets } from '../../../simulate/compiled.ts';

const folder = join(import.meta.dirname, '../../../../fixtures/models');

export interface Pair {
  readonly base: string | null;
  readonly head: string | null;
}

export interface Setting {
  readonly targets: readonly string[];
  readonly budgets?: readonly Budget[];
  /** Without what usual edits of the weights come to. */
  readonly bare?: boolean;
}

export const fixturePath = (name: string): string => join(folder, name);

export function pageModels(pairs: readonly Pair[], { targets, budgets = [], bare = false }: Setting): PageModels {
  const chosen = targets.map((id) => shippedTargets.find((one) => one.id === id)!);
  const side = (name: string | null, isEdited: boolean): PageSide | null => {
    if (name === null) return null;
    const bytes = readFileSync(fixturePath(name));
    const sources = new Map([['', bufferSource(bytes)]]);
    const bindings = { dims: new Map(), inputs: new Map() };
    const prepared = prepare(readModel(sources, name), bindings);
    const subject = { prepared, bindings, sources };
    for (const target of chosen) simulateSubject(subject, target);
    const record = isEdited && !bare ? editedWeightRecord(subject, chosen) : weightRecord(subject);
    return { prepared, bindings, fileBytes: bytes.length, downloadBytes: null, ...record };
  };
  const models: PageModels = {
    toolVersion: '1.2.3',
    models: pairs.map(({ base, head }) => ({
      path: fixturePath(head ?? base!),
      base: side(base, false),
      head: side(head, true),
      options: {},
      rateHertz: null,
    })),
    targets: chosen,
    budgets,
  };
  return parseRecordText(recordText(models)) as PageModels;
}
