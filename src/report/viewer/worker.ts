/** The simulator, beside the page's own thread. Its first message is the text of the page's models, all others are questions. */
import { UserError } from '../../errors.ts';
import { parseRecordText } from '../../ir/record-text.ts';
import type { PageModels } from '../html/document.ts';
import { answer } from './worker/answer.ts';
import type { Answered, Asked } from './worker/protocol.ts';
import { createSession, type Session } from './worker/session.ts';

let session: Session | undefined;

onmessage = ({ data }: MessageEvent<string | Asked>) => {
  if (typeof data === 'string') session = createSession(parseRecordText(data) as PageModels);
  else postMessage(answered(data));
};

function answered({ id, question }: Asked): Answered {
  try {
    const tell = (done: number): void => postMessage({ id, done } satisfies Answered);
    return { id, answer: answer(question, session!, tell) };
  } catch (error) {
    if (error instanceof UserError) return { id, failed: error.message };
    return { id, failed: `the simulator failed: ${error instanceof Error ? error.message : String(error)}` };
  }
}
