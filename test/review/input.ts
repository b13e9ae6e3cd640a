/** Reviews of fixture models without git: files in, report out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.ts';
import { bufferSource, type ByteSource } from '../../src/ir/byte-source.ts';
import type { Report } from '../../src/report/report.ts';
import { review, type ReviewedModel, type ReviewedSide, type ReviewInput } from '../../src/review.ts';
import { shippedBase } from '../../src/files/hardware.ts';
import { parseTarget } from '../../src/schedule/target-file.ts';
import type { Target } from '../../src/schedule/target.ts';

const root = join(import.meta.dirname, '../..');

export function shippedTarget(id: string): Target {
  return parseTarget(readFileSync(join(root, `hardware/${id}.yml`), 'utf8'), id, shippedBase)[0]!;
}

/** A fixture as the only file of its side. */
export function fixture(name: string): ReviewedSide {
  return fileSide(readFileSync(join(root, 'fixtures/models', name)));
}

export function fileSide(bytes: Uint8Array, others: Readonly<Record<string, Uint8Array>> = {}): ReviewedSide {
  const files = new Map<string, ByteSource>([['', bufferSource(bytes)]]);
  for (const [path, content] of Object.entries(others)) files.set(path, bufferSource(content));
  return { sources: files };
}

export interface Pair extends Partial<Omit<ReviewedModel, 'base' | 'head'>> {
  /** File names of fixtures, or sides; null: there is none. */
  readonly base: string | ReviewedSide | null;
  readonly head: string | ReviewedSide | null;
}

export function pairOf({ base, head, ...more }: Pair): ReviewedModel {
  const side = (one: string | ReviewedSide | null) => (typeof one === 'string' ? fixture(one) : one);
  const [from, to] = [side(base), side(head)];
  const status = from === null ? 'added' : to === null ? 'removed' : 'modified';
  return {
    ...{ path: 'models/net.onnx', status, ...more },
    ...(from === null ? {} : { base: from }),
    ...(to === null ? {} : { head: to }),
  };
}

export interface Setting extends Partial<Omit<ReviewInput, 'models' | 'config' | 'targets'>> {
  readonly config?: string;
  readonly targets?: readonly string[];
}

export function reviewPairs(
  pairs: Iterable<Pair>,
  { config = '', targets = ['rpi4-xnnpack'], ...more }: Setting = {},
): Report {
  function* models(): Generator<ReviewedModel> {
    for (const pair of pairs) yield pairOf(pair);
  }
  return review({
    toolVersion: '0.1.0',
    base: { ref: 'main', sha: 'a'.repeat(40), mergeBase: 'b'.repeat(40) },
    head: { ref: 'wider', sha: 'c'.repeat(40) },
    evaluatedOn: null,
    config: { ...parseConfig(config, 'config.yml'), targets: targets.map((id) => ({ id })) },
    targets: targets.map(shippedTarget),
    models: models(),
    ...more,
  });
}
