import { describe, expect, test } from 'vitest';
import { sumDeltas } from '../../../src/report/repeats.ts';
import { printDelta, printQuantity } from '../../../src/units.ts';
import type { NeighbourSubject } from '../../../src/report/neighbours/neighbour.ts';
import { filesOf, latencyOfNodes, namedModels, readByTools, subjectOf } from './subjects.ts';

interface Entry {
  readonly kind: string;
  readonly target?: string;
  readonly identifier?: string;
  readonly name: string;
  readonly value: string | number;
}

interface Attachment {
  readonly signature: string;
  readonly metadata: readonly Entry[];
  readonly metrics: readonly Entry[];
}

/** As Netron puts it together. */
const keyOf = ({ kind, target, identifier }: Entry): string =>
  target === undefined ? `${kind}[${identifier}]` : `${kind}::${target}`;

function attachments(subject: NeighbourSubject): readonly Attachment[] {
  return [...filesOf<Attachment>('netron', subject).values()];
}

const isPart = ({ kind }: Entry): boolean => kind === 'node' || kind === 'value';

function sumOf({ metrics }: Attachment, name: string): number {
  const own = metrics.filter((entry) => entry.name === name && isPart(entry));
  return own.reduce((sum, { value }) => sum + Number(value), 0);
}

describe('names nodes as Netron does', () => {
  test.each(namedModels)('of %s', (name, target) => {
    const subject = subjectOf({ base: null, head: name }, target);
    const [attachment] = attachments(subject);
    const read = readByTools.netron[name.replace('-absent', '')]!;
    const known = new Map<string, number>();
    for (const key of read.keys) known.set(key, (known.get(key) ?? 0) + 1);
    const keys = new Set([...attachment!.metadata, ...attachment!.metrics].filter(isPart).map(keyOf));
    expect(keys.size).toBeGreaterThan(3);
    // Each is there, and is one node alone.
    expect([...keys].filter((key) => known.get(key) !== 1)).toEqual([]);
    expect(attachment!.metrics.filter(({ kind }) => kind === 'graph').map(({ target: graph }) => graph)).toContain(
      read.graph,
    );
    expect(sumOf(attachment!, 'latencySeconds')).toBeCloseTo(latencyOfNodes(subject), 15);
  });

  test('layers of a network in Core ML, but for the label that only its runtime makes', () => {
    const subject = subjectOf({ base: null, head: 'network.mlmodel', path: 'network.mlmodel' }, 'rpi4-xnnpack');
    const keys = attachments(subject)[0]!.metrics.filter(isPart).map(keyOf);
    const unknown = [...new Set(keys)].filter((key) => !readByTools.netron['network.mlmodel']!.keys.includes(key));
    expect(unknown).toEqual(['value::label/best', 'value::label']);
    expect(new Set(keys).size).toBeGreaterThan(5);
  });
});

describe('of a change', () => {
  const subject = subjectOf({ base: 'cnn-residual.onnx', head: 'cnn-residual-wide.onnx' }, 'ethos-u55-128');
  const [base, head] = attachments(subject);

  test('has a file for each version, with the signature that Netron looks for', () => {
    expect([...filesOf('netron', subject).keys()]).toEqual([
      'net-onnx-ethos-u55-128-base.netron.json',
      'net-onnx-ethos-u55-128-head.netron.json',
    ]);
    expect([base!.signature, head!.signature]).toEqual(['netron:attachment', 'netron:attachment']);
  });

  test('has the numbers of the report, to the last digit', () => {
    const rows = subject.rows.filter(({ delta }) => delta.latencySeconds !== 0);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const layer = row.head[0]!;
      const own = (list: readonly Entry[]) =>
        new Map(list.filter(({ target }) => target === layer.name).map(({ name, value }) => [name, value]));
      const [words, numbers] = [own(head!.metadata), own(head!.metrics)];
      expect(numbers.get('latencySeconds')).toBe(layer.latencySeconds);
      expect(numbers.get('energyJoules')).toBe(layer.energyJoules);
      expect(numbers.get('weightsBytes')).toBe(layer.weightsBytes);
      expect(numbers.get('latencySeconds change')).toBe(row.delta.latencySeconds);
      expect(words.get('latency')).toBe(
        `${printQuantity(layer.latencySeconds, 'time')} (${printDelta(row.delta.latencySeconds, 'time')})`,
      );
      for (const change of row.changes) expect(words.get('change')).toContain(change);
    }
    expect(sumOf(head!, 'latencySeconds change')).toBeCloseTo(sumDeltas(subject.rows).latencySeconds, 15);
  });

  test('tells at a fused node which layer it is a part of', () => {
    const fused = subject.rows.flatMap((row) => row.head).find(({ nodes }) => nodes.length > 1)!;
    const inside = fused.nodes.find((node) => node !== fused.id)!;
    expect(head!.metadata).toContainEqual({ kind: 'node', target: inside, name: 'part of', value: fused.name });
  });

  test('says of the whole what the peak is', () => {
    const arena = subject.head!.schedule.arenas.find(
      ({ memory }) => memory === subject.head!.schedule.target.plan.activations,
    )!;
    expect(head!.metrics).toContainEqual({
      kind: 'model',
      target: '',
      name: 'peakMemoryBytes',
      value: arena.peakBytes,
    });
  });
});
