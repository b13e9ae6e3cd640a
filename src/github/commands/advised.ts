/** What-ifs on every changed model and target that a command asks about: one piece of the answer for each. */
import type { Advice, Question } from '../../advise/optimize.ts';
import type { Config } from '../../config.ts';
import { UserError } from '../../errors.ts';
import { counted } from '../../report/headline.ts';
import { optimizeDocument } from '../../report/optimize-document.ts';
import { adviceBlocks, adviceSummary } from '../../report/optimize-text.ts';
import type { Piece } from '../../report/fit.ts';
import { heading, list, paragraph, type Block } from '../../report/page.ts';
import { named, said, type Phrase } from '../../report/phrase.ts';
import type { ReviewedModel } from '../../review.ts';
import { questionsOf, type Asked, type AskedTarget } from '../../review/question.ts';
import { changedModelsOf } from '../range-models.ts';
import type { Scope } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { modelFilter, targetsIn } from './scope.ts';

/** Of one model on one target. */
export interface Advised {
  readonly path: string;
  readonly target: string;
  readonly advice: Advice;
}

export interface AdvisedModels {
  readonly advised: readonly Advised[];
  /** What could not be answered, a sentence each. */
  readonly problems: readonly Phrase[];
  /** Beyond what one command may ask. */
  readonly left: number;
  /** Changed models in the scope; without one there was nothing to ask. */
  readonly models: number;
}

export interface Inquiry {
  readonly scope: Scope;
  /** Pairs of a model and a target that are looked at: one command must not keep others waiting for long. */
  readonly most: number;
  /** `pairs`: among how many the work is shared. @throws UserError for what does not fit this model. */
  readonly advise: (question: Question, pairs: number) => Advice;
}

/** @throws UserError for a target that nobody knows, or where the changed models cannot be had. */
export async function adviseOn(context: CommandContext, { scope, most, advise }: Inquiry): Promise<AdvisedModels> {
  const { fetching, range, settings } = context;
  const targets = await targetsIn(scope, settings);
  const isWanted = modelFilter(scope, settings.config);
  const { models, close } = await changedModelsOf(fetching, range, { config: settings.config, isWanted });
  try {
    const all = models.length * targets.length;
    const pairs = Math.max(1, Math.min(most, all));
    const answers: Answered[] = [];
    for (const asked of askedOf(models, settings.config, targets)) {
      if (answers.length >= most) break;
      fetching.github.log(`${asked.path}: ${asked.target === null ? 'cannot be asked about' : `on ${asked.target}`}`);
      answers.push(answered(asked, (question) => advise(question, pairs)));
    }
    return {
      advised: answers.flatMap((one) => ('advice' in one ? [one] : [])),
      problems: answers.flatMap((one) => ('problem' in one ? [one.problem] : [])),
      left: Math.max(0, all - most),
      models: models.length,
    };
  } finally {
    close();
  }
}

function* askedOf(
  models: readonly ReviewedModel[],
  config: Config,
  targets: readonly AskedTarget[],
): Generator<Asked, void> {
  for (const model of models) yield* questionsOf(model, config, targets);
}

type Answered = Advised | { readonly problem: Phrase };

function answered(asked: Asked, advise: (question: Question) => Advice): Answered {
  const { path } = asked;
  if (asked.target === null) return { problem: [named(path), ': ', said(asked.question)] };
  const { target, question } = asked;
  const problem = (sentence: string): Answered => ({
    problem: [named(path), ' on ', named(target), ': ', said(sentence)],
  });
  if (typeof question === 'string') return problem(question);
  try {
    return { path, target, advice: advise(question) };
  } catch (error) {
    if (error instanceof UserError) return problem(error.message);
    throw error;
  }
}

/** Of several models and targets those that come last are the first to go. `more`: what stands below one of them. */
export function advisedPieces(
  { advised, problems, left }: AdvisedModels,
  more: (one: Advised) => readonly Block[] = () => [],
): readonly Piece[] {
  const notes: readonly Block[] = [
    ...(problems.length === 0 ? [] : [paragraph('Not answered'), list(problems)]),
    ...(left === 0
      ? []
      : [
          paragraph(
            `${counted(left, 'more pair')} of model and target were left out: narrow it with `,
            named('model='),
            ' and ',
            named('target='),
          ),
        ]),
  ];
  return [
    ...advised.map((one, index) => advisedPiece(one, more(one), 100 - index)),
    ...(notes.length === 0 ? [] : [{ blocks: notes, importance: 200, noun: 'note' }]),
  ];
}

function advisedPiece({ path, target, advice }: Advised, more: readonly Block[], importance: number): Piece {
  const document = optimizeDocument(advice, path);
  const title = heading(4, [named(path), ' on ', named(target)]);
  const noun = 'detail';
  return {
    ...{ blocks: [title, ...adviceBlocks(document, 'markdown'), ...more], importance, noun },
    shorter: () => ({ blocks: [title, ...adviceSummary(document)], importance, noun }),
  };
}
