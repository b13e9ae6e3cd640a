/** The document of a page, read back out of its HTML. */
import { inflateSync } from 'fflate';
import { UserError } from '../../errors.ts';
import { parseRecordText } from '../../ir/record-text.ts';
import { bytesOfBase64 } from './base64.ts';
import {
  pageSchema,
  partStart,
  withRows,
  type PageDocument,
  type PageModels,
  type PageReport,
  type PageRows,
  type PartId,
} from './document.ts';

/** Throws `UserError` for what is no report page, or one of another version. */
export function readPage(html: string): PageDocument {
  return {
    schema: pageSchema,
    report: withRows(part(html, 'report') as PageReport, part(html, 'rows') as PageRows),
    models: part(html, 'models') as PageModels,
  };
}

function part(html: string, id: PartId): unknown {
  const start = partStart(id);
  const from = html.lastIndexOf(start);
  const to = html.indexOf('</script>', from);
  if (from < 0 || to < 0)
    throw new UserError(`this is no report page of model-budget, or one of another version than ${pageSchema}`);
  try {
    return parseRecordText(new TextDecoder().decode(inflateSync(bytesOfBase64(html.slice(from + start.length, to)))));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('the data of the page cannot be read: it is cut off or was changed');
  }
}
