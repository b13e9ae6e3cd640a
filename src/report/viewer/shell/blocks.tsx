/** What the comment is made of, as HTML. */
import type { Block, Column, Table } from '../../page.ts';
import type { Phrase } from '../../phrase.ts';
import { Words } from './words.tsx';

export function Blocks({ blocks }: { readonly blocks: readonly Block[] }) {
  return (
    <>
      {blocks.map((block, index) => (
        <OneBlock key={index} block={block} />
      ))}
    </>
  );
}

function OneBlock({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'heading': {
      const Heading = block.level === 3 ? 'h3' : 'h4';
      return (
        <Heading>
          <Words phrase={block.words} />
        </Heading>
      );
    }
    case 'paragraph':
      return (
        <p>
          <Words phrase={block.words} />
        </p>
      );
    case 'list':
      return <List items={block.items} />;
    case 'table':
      return <BlockTable table={block.table} />;
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    // The page draws its own.
    case 'picture':
      return null;
    case 'details':
      return (
        <details>
          <summary>
            <Words phrase={block.summary} />
          </summary>
          <Blocks blocks={block.blocks} />
        </details>
      );
  }
}

function List({ items }: { readonly items: readonly Phrase[] }) {
  return (
    <ul>
      {items.map((item, index) => (
        <li key={index}>
          <Words phrase={item} />
        </li>
      ))}
    </ul>
  );
}

function BlockTable({ table: { columns, rows } }: { readonly table: Table }) {
  return (
    <table class="block-table">
      <thead>
        <tr>
          {columns.map(({ title, align }, index) =>
            title === '' ? (
              <td key={index} />
            ) : (
              <th key={index} scope="col" class={align}>
                {title}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, index) => (
          <BlockRow key={index} cells={cells} columns={columns} />
        ))}
      </tbody>
    </table>
  );
}

function BlockRow({ cells, columns }: { readonly cells: readonly Phrase[]; readonly columns: readonly Column[] }) {
  return (
    <tr>
      {cells.map((cell, index) =>
        index === 0 ? (
          <th key={index} scope="row">
            <Words phrase={cell} />
          </th>
        ) : (
          <td key={index} class={columns[index]!.align}>
            <Words phrase={columns[index]!.align === 'right' ? cell.map(unbroken) : cell} />
          </td>
        ),
      )}
    </tr>
  );
}

/** A number stays beside its unit. */
function unbroken(part: Phrase[number]): Phrase[number] {
  const close = (text: string): string => text.replace(/(\d) (?=[\p{L}µ])/gu, '$1\u00a0');
  if (typeof part === 'string') return close(part);
  return 'strong' in part ? { strong: close(part.strong) } : part;
}
