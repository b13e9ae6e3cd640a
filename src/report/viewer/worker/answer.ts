/** One answer for each kind of question. */
import { UserError } from '../../../errors.ts';
import { targetText } from '../../targets.ts';
import type { Answers, Kind, Question } from './protocol.ts';
import { scheduleAnswer } from './schedule-answer.ts';
import type { Session } from './session.ts';

export function answer(question: Question, session: Session): Answers[Kind] {
  switch (question.kind) {
    case 'ready':
      return { toolVersion: session.models.toolVersion };
    case 'targetText': {
      const target = session.models.targets[question.target];
      if (target === undefined) throw new UserError('the page has no such target');
      return { text: targetText(target) };
    }
    case 'schedule':
      return scheduleAnswer(session, question.place, question.side);
  }
}
