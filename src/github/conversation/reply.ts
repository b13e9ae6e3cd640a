/** The page of an answer: its heading, what was found, and what it was found on. */
import packageDescription from '../../../package.json' with { type: 'json' };
import { printConfig } from '../../config.ts';
import { fit, type Piece } from '../../report/fit.ts';
import { code, heading, paragraph } from '../../report/page.ts';
import { named, said, strong, type Phrase } from '../../report/phrase.ts';
import type { Answer } from '../commands/command.ts';
import { maximumCommentCharacters } from '../sticky.ts';
import { answerMarker, type AnswerRequest } from './publish-answer.ts';
import type { Ground } from './session.ts';

export type Reply = Pick<Answer, 'heading' | 'pieces'>;

/** How much of what somebody wrote a reply repeats. */
const longestQuote = 120;

const above = 1000;

/** `text`: the command as it was written. `usages`: how it would be right. */
export function mistakeReply(text: string, message: string, usages: readonly string[]): Reply {
  return {
    // Of a long sentence the part that says what is wrong.
    heading: ['😕 ', named(text, longestQuote), ': ', said(message.split('; ')[0]!)],
    pieces: [
      ...(message.includes('; ') ? [{ blocks: [paragraph(said(message))], importance: above, noun: 'sentence' }] : []),
      ...(usages.length === 0 ? [] : [{ blocks: [code('text', usages.join('\n'))], importance: above, noun: 'usage' }]),
      { blocks: [paragraph(named('/model-budget help'), ' lists all commands.')], importance: above, noun: 'sentence' },
    ],
  };
}

/** Nothing of it was carried out, and it is no mistake of the one who asked. */
export function refusalReply(text: string, message: string): Reply {
  return { heading: ['😕 ', named(text, longestQuote), ': ', said(message)], pieces: [] };
}

export interface Circumstances {
  readonly ground: Ground | string;
  readonly headSha: string;
  /** By now; null: not known. */
  readonly liveHead: string | null;
}

export function printReply(
  { heading: words, pieces }: Reply,
  circumstances: Circumstances,
  request: Pick<AnswerRequest, 'id' | 'digest' | 'headSha'>,
): string {
  const limit = maximumCommentCharacters - answerMarker(request).length - 2;
  const elsewhere = 'Ask for less of it with model= and target=.';
  const all = [...movedPieces(circumstances), ...pieces, ...originPieces(circumstances)];
  return fit([heading(3, words), heading(3, [words[0] ?? ''])], all, { limit, unit: 'characters', elsewhere });
}

function movedPieces({ headSha, liveHead }: Circumstances): readonly Piece[] {
  if (liveHead === null || liveHead === headSha) return [];
  const words: Phrase = [
    strong('The head moved meanwhile:'),
    ' this is about ',
    named(headSha),
    ', the head is ',
    named(liveHead),
    ' by now. Ask again for an answer about that.',
  ];
  return [{ blocks: [paragraph(...words)], importance: above, noun: 'sentence' }];
}

function originPieces({ ground, headSha }: Circumstances): readonly Piece[] {
  const version = packageDescription.version;
  const base: Phrase =
    typeof ground === 'string'
      ? []
      : [
          ', budgets of ',
          named(ground.range.base.ref),
          ' at ',
          named(ground.range.base.sha),
          ', config digest ',
          named(printConfig(ground.settings.config).digest.slice(0, 12)),
        ];
  const words: Phrase = ['Head ', named(headSha), ...base, `, model-budget ${version}.`];
  return [{ blocks: [paragraph(...words)], importance: above, noun: 'sentence' }];
}
