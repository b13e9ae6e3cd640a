/** `/model-budget help`: all commands, from the list that they are in. */
import { UserError } from '../../errors.ts';
import { optimizations } from '../../optimizations/index.ts';
import { details, paragraph, table } from '../../report/page.ts';
import { named } from '../../report/phrase.ts';
import { argumentsOf } from './arguments.ts';
import { usageOf, type Answer, type Command, type CommandContext } from './command.ts';

/** `commands`: the list, with this one in it. */
export function helpOn(commands: () => readonly Command[]): Command {
  return {
    name: 'model-budget help',
    usage: '',
    summary: 'this list',
    parse: (written) => {
      const { words } = argumentsOf(written);
      if (words.length > 0) throw new UserError(`the help takes no \`${words[0]!}\``);
      return { text: '/model-budget help', answer: (context) => Promise.resolve(answer(commands(), context)) };
    },
  };
}

function answer(commands: readonly Command[], { settings: { config } }: CommandContext): Answer {
  const rows = commands.map((command) => [
    [named(usageOf(command), 200)],
    [command.summary],
    [command.permission?.(config) ?? config.commands.minPermission],
  ]);
  const edits = optimizations.map(({ usage, summary }) => [[named(usage, 200)], [summary]]);
  const scope =
    'Models are globs over paths and names of changed models; targets are those of the config, or any that ships.';
  return {
    heading: [`ℹ️ model-budget: ${String(commands.length)} commands`],
    pieces: [
      { blocks: [table(['command', 'what it does', 'needs'], rows), paragraph(scope)], importance: 2, noun: 'table' },
      {
        blocks: [
          details(
            ['Edits'],
            [
              table(['edit', 'what it does'], edits),
              paragraph(
                'Then ',
                named('on <glob of layers>'),
                ', ',
                named('on op:<Type>'),
                ' or ',
                named('on top:<n>'),
                ', and more edits after a ',
                named(';'),
                '.',
              ),
            ],
          ),
        ],
        importance: 1,
        noun: 'table',
      },
    ],
  };
}
