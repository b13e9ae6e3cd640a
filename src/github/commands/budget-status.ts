/** `/budget status`: the verdict of each budget at the live head. */
import { UserError } from '../../errors.ts';
import { budgetStatusBlocks } from '../../report/budget-status.ts';
import { headline } from '../../report/headline.ts';
import { list } from '../../report/page.ts';
import { said } from '../../report/phrase.ts';
import { argumentsOf, printScope, type Scope } from './arguments.ts';
import type { Answer, Command, CommandContext } from './command.ts';
import { liveReport } from './live-report.ts';

export const budgetStatus: Command = {
  name: 'budget status',
  usage: '[model=<glob>] [target=<id>]',
  summary: 'the verdict of each budget for the changed models',
  parse: (written) => {
    const { words, scope } = argumentsOf(written);
    if (words.length > 0) throw new UserError(`\`/budget status\` takes no \`${words[0]!}\``);
    return { text: `/budget status${printScope(scope)}`, answer: (context) => answer(context, scope) };
  },
};

async function answer(context: CommandContext, scope: Scope): Promise<Answer> {
  const report = await liveReport(context, scope);
  const notes =
    report.notes.length === 0
      ? []
      : [{ blocks: [list(report.notes.map((note) => [said(note)]))], importance: 50, noun: 'note' }];
  return {
    heading: headline(report),
    pieces: [{ blocks: budgetStatusBlocks(report), importance: 100, noun: 'table of budgets' }, ...notes],
  };
}
