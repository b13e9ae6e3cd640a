/** `/budget accept <metric> … because …`: the values of now pass, until they get worse or the day has come. */
import { UserError } from '../../errors.ts';
import { budgetRows } from '../../compare/budget.ts';
import { metricWords } from '../../report/metrics.ts';
import { list, paragraph } from '../../report/page.ts';
import { named, said, type Phrase } from '../../report/phrase.ts';
import { printWords } from '../../report/print-text.ts';
import { printQuantity } from '../../units.ts';
import { reviewRange } from '../review-range.ts';
import { parseAcceptance, type Acceptance } from '../waivers/acceptance.ts';
import { giveWaiver } from '../waivers/give-waiver.ts';
import type { WaiverRecord } from '../waivers/record.ts';
import { printScope } from './arguments.ts';
import type { Answer, Call, Command, CommandContext } from './command.ts';

export const budgetAccept: Command = {
  name: 'budget accept',
  usage: '<metric> [model=<glob>] [target=<id>] [until <YYYY-MM-DD>] because <the rest of the line>',
  summary: 'lets the values of now pass a budget, until they get worse or a day has come',
  permission: ({ waivers }) => waivers.who,
  parse: (written) => {
    const acceptance = parseAcceptance(written);
    if ('problem' in acceptance) throw new UserError(printWords(acceptance.problem));
    return acceptCall(acceptance);
  },
};

/** What a comment asks for, or a button. */
export function acceptCall(acceptance: Acceptance): Call {
  const { metric, until, why } = acceptance;
  const end = until === undefined ? '' : ` until ${until}`;
  // A quoted metric is none, so it needs no quotes.
  const text = `/budget accept ${metric}${printScope(acceptance)}${end} because ${why}`;
  return { text, answer: (context) => answer(context, acceptance) };
}

async function answer(context: CommandContext, acceptance: Acceptance): Promise<Answer> {
  const { fetching, range, input, asker } = context;
  const reviewed = await reviewRange(fetching, range, { input, onProgress: () => undefined });
  const given = await giveWaiver(fetching.github, {
    acceptance,
    id: asker.comment === null ? `button-${asker.button}-${acceptance.metric}` : `comment-${asker.comment.id}`,
    login: asker.login,
    at: asker.comment === null ? asker.pressedAt : asker.comment.createdAt,
    pullRequest: range.pullRequest,
    reviews: [reviewed],
    check: context.check,
  });
  if (given.kind === 'refused') throw new UserError(printWords(given.refusal));
  const { record, remarks } = given;
  return {
    heading: ['✅ accepted: ', metricWords(record.metric), ' until ', named(record.until)],
    pieces: [
      {
        blocks: [list(record.values.map((value) => valueWords(record, value)))],
        importance: 100,
        noun: 'list of values',
      },
      ...remarks.map((remark) => ({ blocks: [paragraph(...remark)], importance: 90, noun: 'sentence' })),
      { blocks: [paragraph('Because ', said(record.why))], importance: 80, noun: 'sentence' },
      { blocks: [paragraph(conditions)], importance: 70, noun: 'sentence' },
    ],
    given: [record],
  };
}

const conditions =
  'It holds for these values in this pull request: when one of them gets worse, or this comment is edited or deleted, it ends.';

function valueWords(
  { metric }: WaiverRecord,
  { model, target, layer, actual }: WaiverRecord['values'][number],
): Phrase {
  const { quantity } = budgetRows[metric];
  const layers: Phrase = layer === undefined ? [] : [named(layer, 80), ' in '];
  return [...layers, named(model), ' on ', named(target), `: up to ${printQuantity(actual, quantity)}`];
}
