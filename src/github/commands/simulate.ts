/** `/simulate <edits>`: what the changed models would cost after an optimization that nobody has made yet. */
import { applied, type Advice, type Question } from '../../advise/optimize.ts';
import { downloadBytesOf } from '../../advise/download.ts';
import { chooseEdits } from '../../advise/selection.ts';
import { UserError } from '../../errors.ts';
import { parseEdits } from '../../optimizations/index.ts';
import { printPhrases } from '../../optimizations/grammar.ts';
import { printWords } from '../../report/print-text.ts';
import { advisedHeading, budgetNews } from './advised-heading.ts';
import { adviseOn, advisedPieces } from './advised.ts';
import { argumentsOf, printScope, type Scope } from './arguments.ts';
import type { Answer, Command, CommandContext } from './command.ts';

/** Each is about as much work as the review of one model on one target. */
const mostPairs = 24;

export const simulate: Command = {
  name: 'simulate',
  usage: '<edits> [model=<glob>] [target=<id>]',
  summary: 'what edits would change in size, latency, memory and energy, and whether the budgets would hold',
  parse: (written) => {
    const { text, scope } = argumentsOf(written);
    const edits = printPhrases(parseEdits(text).map(({ phrase }) => phrase));
    const canonical = `/simulate ${edits}${printScope(scope)}`;
    return { text: canonical, answer: (context) => answer(context, { edits, scope, text: canonical }) };
  },
};

interface Asked {
  readonly edits: string;
  readonly scope: Scope;
  readonly text: string;
}

async function answer(context: CommandContext, { edits, scope, text }: Asked): Promise<Answer> {
  const models = await adviseOn(context, { scope, most: mostPairs, advise: (question) => simulated(edits, question) });
  // Edits that fit none of the models are a mistake of whoever wrote them.
  if (models.models > 0 && models.advised.length === 0)
    throw new UserError(models.problems.slice(0, 3).map(printWords).join('; '));
  return { heading: advisedHeading(text, models, budgetNews), pieces: advisedPieces(models) };
}

/** A compressed size costs compressing the files twice: only where a budget asks for it. */
function simulated(edits: string, question: Question): Advice {
  const { subject, first, goal } = question;
  if (!goal.budgets.some(({ metric }) => metric === 'download')) return applied(edits, question);
  const downloadBytes = downloadBytesOf(subject, chooseEdits(parseEdits(edits), first));
  return applied(edits, { ...question, downloadBytes });
}
