/** What is wrong with the words of an edit, while they are written. */
import { UserError } from '../../../errors.ts';
import { printPhrase } from '../../../optimizations/grammar.ts';
import { parseEdits } from '../../../optimizations/index.ts';
import type { Answers } from './protocol.ts';

export function phrasesAnswer(text: string): Answers['phrases'] {
  if (text.trim() === '') return { phrases: [] };
  try {
    return { phrases: parseEdits(text).map(({ phrase }) => printPhrase(phrase)) };
  } catch (error) {
    if (error instanceof UserError) return { wrong: error.message };
    throw error;
  }
}
