/** Findings for people, and as the versioned document. */
import { code, heading, list, paragraph, type Block } from '../../report/page.ts';
import { said, type Phrase } from '../../report/phrase.ts';
import { printMarkdown } from '../../report/print-markdown.ts';
import { printText } from '../../report/print-text.ts';
import { jsonLine } from '../../report/json-line.ts';
import type { DoctorDocument, Finding } from './finding.ts';

const symbols: Readonly<Record<Finding['level'], string>> = { error: '❌', warning: '⚠️', unknown: '❔', ok: '✅' };

export function printFindings(findings: readonly Finding[], format: 'text' | 'markdown' | 'json'): string {
  if (format === 'json') {
    const document: DoctorDocument = { schema: 'model-budget/doctor@1', findings };
    return jsonLine(document);
  }
  const blocks = blocksOf(findings);
  return `${format === 'markdown' ? printMarkdown(blocks) : printText(blocks)}\n`;
}

function blocksOf(findings: readonly Finding[]): readonly Block[] {
  const count = (level: Finding['level'], words: string) => {
    const { length } = findings.filter((one) => one.level === level);
    return length === 0 ? [] : [`${String(length)} ${words}`];
  };
  const counts = [...count('error', 'to repair'), ...count('warning', 'to look at'), ...count('unknown', 'not known')];
  return [
    heading(3, [counts.length === 0 ? 'Nothing is missing' : counts.join(', ')]),
    ...findings.flatMap(findingBlocks),
  ];
}

function findingBlocks({ id, level, message, lines }: Finding): readonly Block[] {
  const words: Phrase = [`${symbols[level]} ${id}: `, said(message)];
  if (lines === undefined) return [list([words])];
  return [paragraph(...words), code('', lines.join('\n'))];
}
