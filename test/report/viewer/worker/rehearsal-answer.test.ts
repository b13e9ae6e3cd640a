/** A what-if comes to the same whatever was rehearsed before it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { parseRecordText, recordText } from '../../../../src/ir/record-text.ts';
import type { PageModels } from '../../../../src/report/html/document.ts';
import { answer } from '../../../../src/report/viewer/worker/answer.ts';
import type { Answers } from '../../../../src/report/viewer/worker/protocol.ts';
import { createSession, type Session } from '../../../../src/report/viewer/worker/session.ts';
import { rounds } from '../../../../src/report/viewer/what-if/rehearsal.ts';
import { pageModels } from './page-models.ts';

const targets = ['rpi4-ncnn', 'ethos-u55-256', 'ethos-u85-256'];
const edits = ['int8', 'fp16 on top:1', 'palettize 4', 'prune 0.5', 'w8 on top:4', 'int8 on op:Conv; fp16'];

const asked = (session: Session, target: number, text: string) =>
  answer({ kind: 'whatIf', place: { model: 0, target }, edits: text }, session) as Answers['whatIf'];
const rehearse = (session: Session, target: number, text: string, isKept: boolean) =>
  answer({ kind: 'rehearse', place: { model: 0, target }, edits: text, isKept }, session);

describe.each([
  { model: 'cnn-residual.onnx', bare: false },
  { model: 'cnn-residual.onnx', bare: true },
  { model: 'cnn-qdq.onnx', bare: false },
])('what-ifs of $model, without records of its weights: $bare', ({ model, bare }) => {
  let text: string;
  beforeAll(() => {
    text = recordText(pageModels([{ base: null, head: model }], { targets, bare }));
  });
  /** Nothing that was done with other models is known of these. */
  const open = () => createSession(parseRecordText(text) as PageModels);

  test.each(targets.map((id, target) => ({ id, target })))('on $id', ({ target }) => {
    const session = open();
    for (const [index, round] of rounds.entries()) {
      for (const edit of round) expect(rehearse(session, target, edit, index === 0)).toBeNull();
    }
    // Each in a session of its own: nothing was asked in it before.
    for (const edit of edits) expect(asked(session, target, edit)).toEqual(asked(open(), target, edit));
  });
});

test('what is refused is refused when it is asked, and not when it is rehearsed', () => {
  const session = createSession(pageModels([{ base: null, head: 'cnn-residual.onnx' }], { targets }));
  expect(rehearse(session, 0, 'int8 on nowhere/*', true)).toBeNull();
  expect(rehearse(session, 0, 'int9', true)).toBeNull();
  expect(() => asked(session, 0, 'int8 on nowhere/*')).toThrow('no layer matches');
});

test('what was kept is the answer itself, and what was not is made anew', () => {
  const session = createSession(pageModels([{ base: null, head: 'cnn-residual.onnx' }], { targets }));
  rehearse(session, 0, 'int8', true);
  const first = asked(session, 0, 'int8');
  expect(asked(session, 0, 'int8')).toBe(first);
  expect(asked(session, 1, 'int8')).not.toBe(first);
  expect(asked(session, 1, 'int8').document.target.id).toBe(targets[1]);
});
