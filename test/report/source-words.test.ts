import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DiffRow } from '../../src/compare/comparison.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { printMarkdown, printPhrase } from '../../src/report/print-markdown.ts';
import { table } from '../../src/report/page.ts';
import { sourceAddress, sourcePhrase } from '../../src/report/source-words.ts';
import { renderText } from '../../src/report/text.ts';
import { hostileText } from './hostile-text.ts';
import { parse } from './markdown-tree.ts';
import { layer, modelReport, report, row, targetReport } from './reports.ts';

const repository = 'https://git.example.com/acme/detector';
const { sha } = report().head;

const added = (source: string) => row([], [layer({ name: 'neck/Resize' })], { source });
const unchanged = row([layer()], [layer()], { source: 'net.py:3' });
const reportOf = (...layers: readonly DiffRow[]) =>
  report({ models: [modelReport({ targets: [targetReport({ layers })] })] });

describe('the row of a layer', () => {
  test('links to its line at the head, where the repository has an address', () => {
    const markdown = renderMarkdown(reportOf(added('models/net (1).py:12'), unchanged), { repository });
    const link = `[\`models/net (1).py:12\`](${repository}/blob/${sha}/models/net%20%281%29.py#L12)`;
    expect(markdown.split(`| \`neck/Resize\` ${link} |`)).toHaveLength(3);
    expect(markdown).not.toContain('net.py:3');
  });

  test('says the line in words where there is none', () => {
    expect(renderMarkdown(reportOf(added('net.py:12')))).toContain('| `neck/Resize` `net.py:12` |');
    expect(renderText(reportOf(added('net.py:12')))).toMatch(/neck\/Resize: added; .*; net\.py:12\n/);
  });

  test('that stands for several says the line that they share', () => {
    const phrase = (...sources: readonly string[]) => sourcePhrase(sources.map(added), () => undefined);
    expect([phrase('a.py:1', 'a.py:1').length, phrase('a.py:1', 'a.py:2').length]).toEqual([1, 0]);
  });

  test('links by one link and nothing else, whatever the file is called', () => {
    const addressOf = sourceAddress(report(), repository);
    fc.assert(
      fc.property(hostileText, (name) => {
        const phrase = sourcePhrase([added(`a/${name}.py:12`)], addressOf);
        const [inText] = parse(printPhrase(phrase)).children;
        const types = inText?.type === 'paragraph' ? inText.children.map(({ type }) => type) : [];
        expect([['link'], ['inlineCode']]).toContainEqual(types);
        const [inTable] = parse(printMarkdown([table(['layer', 'x'], [[phrase, ['y']]])])).children;
        const cells = inTable?.type === 'table' ? inTable.children[1]!.children : [];
        expect(cells).toHaveLength(2);
      }),
      { numRuns: 300, examples: [['\\[a]: b']] },
    );
    expect(addressOf(`${'x'.repeat(10_000)}.py:1`)).toBeUndefined();
  });
});
