/** The forms of a report. To add one: a file here and a line in the list. */
import { renderJson } from './json.ts';
import { renderMarkdown, type MarkdownOptions } from './markdown.ts';
import type { Report } from './report.ts';
import { renderSarif, type SarifOptions } from './sarif.ts';
import { renderText } from './text.ts';

export interface Renderer {
  /** The word of `--format`. */
  readonly format: 'text' | 'markdown' | 'json' | 'sarif';
  /** Ends with a line break. */
  readonly render: (report: Report, options?: MarkdownOptions & SarifOptions) => string;
}

export const renderers: readonly Renderer[] = [
  { format: 'text', render: renderText },
  { format: 'markdown', render: renderMarkdown },
  { format: 'json', render: renderJson },
  { format: 'sarif', render: renderSarif },
];
