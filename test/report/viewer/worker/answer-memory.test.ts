import { expect, test } from 'vitest';
import { createAnswerMemory } from '../../../../src/report/viewer/worker/answer-memory.ts';
import type { WhatIfAnswer } from '../../../../src/report/viewer/worker/protocol.ts';

const answerOf = (layers: number) =>
  ({
    document: { layers: Array(layers), notApplied: [] },
    changes: new Map(),
    memoryTimeline: null,
  }) as unknown as WhatIfAnswer;

test('the last answers are known, as many as are small together', () => {
  const memory = createAnswerMemory();
  for (const key of ['a', 'b', 'c']) memory.put(key, answerOf(12_000));
  memory.put('a', memory.get('a')!);
  memory.put('d', answerOf(12_000));
  expect(['a', 'b', 'c', 'd'].filter((key) => memory.get(key) !== undefined)).toEqual(['a', 'c', 'd']);
  memory.put('e', answerOf(50_000));
  expect(['a', 'c', 'd', 'e'].filter((key) => memory.get(key) !== undefined)).toEqual([]);
});
