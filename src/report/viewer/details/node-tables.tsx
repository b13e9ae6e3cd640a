/** The nodes of the file behind a row: attributes and tensors, what differs from the other side marked. */
import { ForeignName } from '../shell/words.tsx';
import type { AttributeDetails, NodeDetails, RowDetails, TensorDetails } from '../worker/protocol.ts';

/** A fused layer of a hostile file may hold any number. */
const mostNodes = 40;

export function NodeTables({ details: { base, head } }: { readonly details: RowDetails }) {
  const [before, after] = [base, head].map((layers) => layers.flatMap(({ nodes }) => nodes));
  if (before!.length + after!.length === 0) return null;
  return (
    <section>
      <h4>Attributes and tensors</h4>
      <div class="sides">
        <SideNodes title="base" nodes={before!} />
        <SideNodes title="head" nodes={after!} />
      </div>
    </section>
  );
}

function SideNodes({ title, nodes }: { readonly title: string; readonly nodes: readonly NodeDetails[] }) {
  return (
    <div class="side">
      <h5>{title}</h5>
      {nodes.length === 0 ? <p class="hint">not there</p> : null}
      {nodes.slice(0, mostNodes).map((node) => (
        <NodeFacts key={node.id} node={node} />
      ))}
      {nodes.length > mostNodes ? <p class="hint">and {nodes.length - mostNodes} more nodes</p> : null}
    </div>
  );
}

function NodeFacts({ node: { id, operator, version, attributes, inputs, outputs } }: { readonly node: NodeDetails }) {
  return (
    <div class="node-facts">
      <p>
        <ForeignName name={operator} longest={64} /> <span class="hint">version {version}</span>
      </p>
      <p class="hint">
        <ForeignName name={id} longest={120} />
      </p>
      <dl>
        {attributes.map((attribute) => (
          <Attribute key={attribute.name} attribute={attribute} />
        ))}
        {inputs.map((tensor, index) => (
          <Tensor key={`i${index}`} title={tensor.constant ? 'constant' : 'input'} tensor={tensor} />
        ))}
        {outputs.map((tensor, index) => (
          <Tensor key={`o${index}`} title="output" tensor={tensor} />
        ))}
      </dl>
    </div>
  );
}

function Attribute({ attribute: { name, words, differs } }: { readonly attribute: AttributeDetails }) {
  return (
    <>
      <dt>
        <ForeignName name={name} longest={64} />
      </dt>
      <dd class={differs ? 'differs' : undefined}>
        <ForeignName name={words} longest={200} />
        {differs ? <span class="hint"> differs</span> : null}
      </dd>
    </>
  );
}

function Tensor({ title, tensor }: { readonly title: string; readonly tensor: TensorDetails }) {
  const { name, shape, dtype, differs } = tensor;
  return (
    <>
      <dt>{title}</dt>
      <dd class={differs ? 'differs' : undefined}>
        <ForeignName name={`${dtype ?? '?'} ${shape ?? '?'}`} longest={160} />
        {differs ? <span class="hint"> differs</span> : null}
        <span class="hint tensor-name">
          <ForeignName name={name} longest={120} />
        </span>
      </dd>
    </>
  );
}
