import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { details, heading, list, paragraph, table, type Block } from '../../src/report/page.ts';
import { named, said, strong, type Phrase } from '../../src/report/phrase.ts';
import { printMarkdown, printPhrase } from '../../src/report/print-markdown.ts';
import { hostileText } from './hostile-text.ts';
import { nodesOf, parse, textsOf, typesOf } from './markdown-tree.ts';

/** What GitHub would act on in the text outside of code: mentions, references, addresses, commits, emoji codes. */
const actsOnGitHub = /[@#<>]|GH-\d|www\.|:\/\/|:[\w+-]+:|\b[\da-f]{7,40}\b/i;
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

describe('names', () => {
  test.each([
    ['neck/up1/Resize', '`neck/up1/Resize`'],
    ['a|b', '`a¦b`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['``a', '``` ``a ```'],
    ['', '`(unnamed)`'],
    ['\u200b\n', '`�`'],
    ['a\nb\tc', '`a b c`'],
    ['<!-- model-budget:v1 -->', '`<!- - model-budget:v1 - ->`'],
  ])('%j', (name, markdown) => {
    expect(printPhrase([named(name)])).toBe(markdown);
  });

  test('keep their ends where they are long', () => {
    expect(printPhrase([named('abcdefghij'.repeat(10), 9)])).toBe('`abcd…ghij`');
    expect(printPhrase([named('🙂'.repeat(9e5), 5)])).toBe('`🙂🙂…🙂🙂`');
  });

  test('are one code span and nothing else, in text and in a table', () => {
    fc.assert(
      fc.property(hostileText, (name) => {
        const markdown = printPhrase([named(name)]);
        const [inText] = parse(markdown).children;
        expect(inText?.type === 'paragraph' && inText.children.map(({ type }) => type)).toEqual(['inlineCode']);
        const [inTable] = parse(printMarkdown([table(['layer', 'x'], [[[named(name)], ['y']]])])).children;
        const cells = inTable?.type === 'table' ? inTable.children[1]!.children : [];
        expect(cells.map(({ children }) => children.map(({ type }) => type))).toEqual([['inlineCode'], ['text']]);
        expect(markdown).not.toMatch(/<!--|-->/);
        expect(markdown).not.toMatch(unseen);
      }),
      { numRuns: 300 },
    );
  });
});

describe('foreign sentences', () => {
  test.each([
    ['`Resize` with mode=cubic is not supported', '`Resize` with mode=cubic is not supported'],
    ['widened 96→128', 'widened 96→128'],
    ['ping @octo/team, see #12', 'ping `@octo/team,` see `#12`'],
    ['fixed by 0123456789abcdef', 'fixed by `0123456789abcdef`'],
    ['1. not a list', '`1.` not a list'],
    ['- nor this', '`-` nor this'],
    ['`a``b`', '`a` `b`'],
    ['``@octo`', '`` ` `` `@octo`'],
  ])('%j', (sentence, markdown) => {
    expect(printPhrase([said(sentence)])).toBe(markdown);
  });

  test('are words and code spans, wherever they stand', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (sentence, other) => {
        const phrase: Phrase = [said(sentence), ' and ', named(other), said(other)];
        const tree = parse(printMarkdown([list([phrase, phrase]), table(['a'], [[phrase]])]));
        const allowed = [
          'root',
          'list',
          'listItem',
          'paragraph',
          'table',
          'tableRow',
          'tableCell',
          'text',
          'inlineCode',
        ];
        expect([...typesOf(tree)].filter((type) => !allowed.includes(type))).toEqual([]);
        expect(tree.children.map(({ type }) => type)).toEqual(['list', 'table']);
        expect(textsOf(tree).filter((text) => actsOnGitHub.test(text))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('our own words', () => {
  test('mean themselves', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z*_~`<>[\]|\\ ]{1,20}$/), (words) => {
        const tree = parse(printMarkdown([paragraph('x', words, 'x')]));
        expect(textsOf(tree).join('')).toBe(`x${words}x`.replace(/ +/g, (run) => run));
      }),
    );
  });
});

const phraseOf = (text: string): Phrase => [named(text), ' ', said(text), strong('own')];

describe('blocks', () => {
  test('of foreign text stay the blocks that they are', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const phrase = phraseOf(text);
        const inner: readonly Block[] = [
          table(['a', '>b'], [[phrase, phrase]]),
          { kind: 'code', language: 'text', text },
        ];
        const tree = parse(
          printMarkdown([
            heading(3, phrase),
            details(phrase, inner),
            paragraph(...phrase),
            { kind: 'code', language: 'sh', text },
          ]),
        );
        const types = tree.children.map(({ type }) => type);
        expect(types).toEqual(['heading', 'html', 'table', 'code', 'html', 'paragraph', 'code']);
        const html = nodesOf(tree).flatMap((node) => (node.type === 'html' ? [node.value] : []));
        expect(html[0]).toMatch(/^<details><summary>(<code>[^<>]*<\/code>|[^<>]|<b>own<\/b>)*<\/summary>$/);
        expect(html[1]).toBe('</details>');
      }),
      { numRuns: 200 },
    );
  });

  test('a picture is one piece of HTML whatever its words', () => {
    fc.assert(
      fc.property(hostileText, (altText) => {
        const picture = { altText, light: 'https://example.org/l.png', dark: 'https://example.org/d.png' };
        const [block, ...more] = parse(printMarkdown([{ kind: 'picture', picture }])).children;
        expect(more).toEqual([]);
        expect(block?.type === 'html' ? block.value : '').toMatch(
          /^<picture>\n<source media="[^"<>]*" srcset="[^"<>]*">\n<img alt="[^"<>]*" src="[^"<>]*">\n<\/picture>$/,
        );
      }),
      { numRuns: 200 },
    );
  });
});
