/** One answer for each kind of question. */
import { UserError } from '../../../errors.ts';
import { targetText } from '../../targets.ts';
import type { Answers, Kind, Question } from './protocol.ts';
import type { Session } from './session.ts';

export function answer(question: Question, { models }: Session): Answers[Kind] {
  switch (question.kind) {
    case 'ready':
      return { toolVersion: models.toolVersion };
    case 'targetText': {
      const target = models.targets[question.target];
      if (target === undefined) throw new UserError('the page has no such target');
      return { text: targetText(target) };
    }
  }
}
