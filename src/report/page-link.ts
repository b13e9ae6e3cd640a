/** Where a report links its page. */
import { paragraph, type Block } from './page.ts';

/** @param address percent-encoded */
export function pageLink(address: string): Block {
  return paragraph({ strong: 'Open the report', address }, ': every layer, the graph, charts and what-ifs');
}
