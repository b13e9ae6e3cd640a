/** One answer for each kind of question. */
import { UserError } from '../../../errors.ts';
import { optimizations } from '../../../optimizations/index.ts';
import { targetText } from '../../targets.ts';
import { detailsAnswer } from './details-answer.ts';
import { neighboursAnswer } from './neighbours-answer.ts';
import { phrasesAnswer } from './phrases-answer.ts';
import type { Answers, Kind, Question } from './protocol.ts';
import { scheduleAnswer } from './schedule-answer.ts';
import type { Session } from './session.ts';
import { prepareWhatIfs, rehearseWhatIf, searchAnswer, whatIfAnswer } from './what-if-answer.ts';

/** Is told the share of the work that is done. */
type Tell = (done: number) => void;

export function answer(question: Question, session: Session, tell: Tell = () => undefined): Answers[Kind] {
  switch (question.kind) {
    case 'targetText': {
      const target = session.models.targets[question.target];
      if (target === undefined) throw new UserError('the page has no such target');
      return { text: targetText(target) };
    }
    case 'schedule':
      return scheduleAnswer(session, question.place, question.side);
    case 'details':
      return detailsAnswer(session, question);
    case 'whatIf':
      return whatIfAnswer(session, question);
    case 'rehearse':
      rehearseWhatIf(session, question);
      return null;
    case 'search':
      return searchAnswer(session, question, tell);
    case 'prepare':
      prepareWhatIfs(session, question.place);
      return null;
    case 'phrases':
      return phrasesAnswer(question.text);
    case 'edits':
      return { edits: optimizations.map(({ name, usage, summary }) => ({ name, usage, summary })) };
    case 'neighbours':
      return neighboursAnswer(session, question);
  }
}
