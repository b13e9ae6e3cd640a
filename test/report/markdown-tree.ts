/** What GitHub would read in a Markdown text: its tree with the GFM extensions. */
import type { Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

export function parse(markdown: string): Root {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

/** The node and all below it. */
export function nodesOf(node: Nodes): readonly Nodes[] {
  return 'children' in node ? [node, ...node.children.flatMap(nodesOf)] : [node];
}

export function textsOf(node: Nodes): readonly string[] {
  return nodesOf(node).flatMap((one) => (one.type === 'text' ? [one.value] : []));
}

export function typesOf(node: Nodes): ReadonlySet<string> {
  return new Set(nodesOf(node).map(({ type }) => type));
}
