/** The document of a page, read back out of its HTML. */
import { inflateSync } from 'fflate';
import { UserError } from '../../errors.ts';
import { parseRecordText } from '../../ir/record-text.ts';
import { bytesOfBase64 } from './base64.ts';
import type { PageDocument, PageModels, PageReport } from './document.ts';

/** Throws `UserError` for what is no report page, or one of another version. */
export function readPage(html: string): PageDocument {
  return {
    schema: 'model-budget/page@1',
    report: part(html, 'report') as PageReport,
    models: part(html, 'models') as PageModels,
  };
}

function part(html: string, id: 'report' | 'models'): unknown {
  const start = `<script type="application/octet-stream" id="${id}">`;
  const from = html.lastIndexOf(start);
  const to = html.indexOf('</script>', from);
  if (from < 0 || to < 0) throw new UserError('this is no report page of model-budget (model-budget/page@1)');
  try {
    return parseRecordText(new TextDecoder().decode(inflateSync(bytesOfBase64(html.slice(from + start.length, to)))));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('the data of the page cannot be read: it is cut off or was changed');
  }
}
