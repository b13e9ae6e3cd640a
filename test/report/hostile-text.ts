/** Text as an attacker would name a layer. */
import fc from 'fast-check';

const fragments = [
  ...['`', '``', '```', '|', '\\', '\\|', '\n', '\r\n', '\t', '  ', '*', '_', '~~', '#', '> ', '- ', '1. ', '+'],
  ...['<b>', '</details>', '</summary>', '<!--', '-->', '<!-- model-budget:v1 id=default head=0 -->', '&lt;', '&#64;'],
  ...['@octo', '@octo/team', '#1', 'GH-12', 'octo/repo#7', 'octo@0123456789abcdef', '0123456789abcdef', 'a@b.co'],
  ...[
    'http://e.vil',
    'https://e.vil/x',
    'www.e.vil',
    'xmpp:a@b',
    '[a](b)',
    '![a](b)',
    '[a]: b',
    '<http://e.vil>',
    '[^1]',
  ],
  ...[
    '\u202e',
    '\u200b',
    '\u2066',
    '\ufeff',
    '\u0000',
    '\u001b[31m',
    '\u2028',
    '\ud800',
    '\u0301',
    '\u{e0041}',
    '🙂',
    '漢字',
  ],
  ...['::error::x', '##[error]x', '%%{init: {}}%%', 'click a', '"', "'", '$x$', ':smile:', '---', '===', 'a', 'b/c.d'],
];

export const hostileText = fc
  .array(
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...fragments) }, fc.string({ unit: 'binary', maxLength: 8 })),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''));
