import { describe, expect, test } from 'vitest';
import { commandLineIn, firstWords } from '../../../src/github/commands/command-line.ts';
import { commands } from '../../../src/github/commands/index.ts';

const textIn = (body: string) => commandLineIn(body)?.text ?? null;

describe('the line of a command', () => {
  test.each([
    ['alone', '/simulate int8', '/simulate int8'],
    ['behind other lines', 'Look at this.\n\n/optimize latency\nand more', '/optimize latency'],
    ['with lines that end in CRLF', 'Hello\r\n/budget status  \r\nbye', '/budget status'],
    ['in upper case', '/Simulate int8', '/Simulate int8'],
    ['a little indented', '   /simulate int8', '/simulate int8'],
    ['the first of two', '/budget status\n/optimize', '/budget status'],
    ['behind a fence that ends', '```\n/optimize\n```\n/budget status', '/budget status'],
    ['behind a fence of tildes', '~~~\n/optimize\n```\n~~~~\n/budget status', '/budget status'],
    ['between back-ticks, as copied from a page', ' `/simulate int8 on neck/*`\n', '/simulate int8 on neck/*'],
    ['behind an HTML comment', '<!-- /optimize -->\n/budget status', '/budget status'],
    ['behind one of several lines', '<!-- a\n/optimize\n--> \n/budget status', '/budget status'],
    ['behind code that shows an HTML comment', '```\n<!--\n```\n/budget status', '/budget status'],
    ['of a word with nothing behind it', '/budget', '/budget'],
  ])('%s', (_, body, line) => {
    expect(textIn(body)).toBe(line);
  });

  test.each([
    ['quoted', '> /simulate int8'],
    ['in a fence', '```sh\n/simulate int8\n```'],
    ['in a fence that never ends', '````\n/simulate int8\n```'],
    ['indented as code', 'text\n\n    /simulate int8'],
    ['in the middle of a line', 'please /simulate int8'],
    ['in an HTML comment', '<!--\n/simulate int8\n-->'],
    ['in an HTML comment that never ends', 'a <!-- b\n/simulate int8'],
    ['code within prose', 'try\n`/simulate int8`\nplease'],
    ['of a longer word', '/optimizer latency'],
    ['of a path', '/budget/status'],
    ['of another program', '/retest'],
    ['two slips away', '/widget status'],
    ['a slip that is not at the beginning', 'hello\n/budegt status'],
    ['empty', ''],
  ])('none: %s', (_, body) => {
    expect(commandLineIn(body)).toBeNull();
  });

  test('one slip in the first word of a comment may be for us', () => {
    expect(commandLineIn('/budegt status')).toEqual({ text: '/budegt status', meant: 'budget' });
    expect(commandLineIn('\n/optimise\n')).toEqual({ text: '/optimise', meant: 'optimize' });
    expect(commandLineIn('/budegt status\n/optimize')).toEqual({ text: '/optimize' });
  });

  test('knows every word that a command begins with', () => {
    expect(new Set(commands.map(({ name }) => name.split(' ')[0]))).toEqual(new Set(firstWords));
  });
});
