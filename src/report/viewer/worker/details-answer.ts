/** A row of the table in full: the nodes of the file behind its layers on both sides, and what the compiler made of them. */
import { allNodes } from '../../../ir/bodies.ts';
import { printShape } from '../../../ir/dimension.ts';
import type { Node, TensorType } from '../../../ir/graph.ts';
import type { PreparedModel } from '../../../passes/prepared.ts';
import { tileText } from '../../../schedule/print.ts';
import type { Kernel, Stream } from '../../../schedule/schedule.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';
import { attributeWords } from './attribute-words.ts';
import type {
  KernelDetails,
  LayerDetails,
  NodeDetails,
  Place,
  RowDetails,
  SideName,
  TensorDetails,
} from './protocol.ts';
import type { Session } from './session.ts';

interface Asked {
  readonly place: Place;
  readonly base: readonly string[];
  readonly head: readonly string[];
}

export function detailsAnswer(session: Session, { place, base, head }: Asked): RowDetails {
  const sides = {
    base: base.length === 0 ? [] : layersOf(session, { place, side: 'base' }, base),
    head: head.length === 0 ? [] : layersOf(session, { place, side: 'head' }, head),
  };
  return { base: compared(sides.base, sides.head), head: compared(sides.head, sides.base) };
}

function layersOf(
  session: Session,
  { place, side }: { readonly place: Place; readonly side: SideName },
  ids: readonly string[],
): readonly LayerDetails[] {
  const { layers, schedule } = session.simulated(place, side);
  const { prepared } = session.subject(place, side);
  const wanted = new Set(ids);
  const nodes = nodesOf(prepared);
  const kernels = new Map(schedule.kernels.map((kernel) => [kernel.name, kernel]));
  return layers
    .filter(({ id }) => wanted.has(id))
    .map((layer) => layerDetails(layer, { prepared, nodes, kernel: kernels.get(layer.id) }));
}

/** As they are in the file; what is in no graph of it (a function's) as it was inlined. */
function nodesOf({ model, graph }: PreparedModel): ReadonlyMap<string, Node> {
  return new Map([...graph.nodes, ...allNodes(model.graph)].map((node) => [node.id, node]));
}

interface Behind {
  readonly prepared: PreparedModel;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly kernel: Kernel | undefined;
}

function layerDetails({ name, nodes: ids }: LayerCost, { prepared, nodes, kernel }: Behind): LayerDetails {
  return {
    layer: name,
    nodes: ids.flatMap((id) => {
      const node = nodes.get(id);
      return node === undefined ? [] : [nodeDetails(node, prepared)];
    }),
    kernel: kernel === undefined ? null : kernelDetails(kernel),
  };
}

function nodeDetails({ id, operator, domain, version, attributes, inputs, outputs }: Node, prepared: PreparedModel) {
  const tensors = (names: readonly string[]) =>
    names.filter((name) => name !== '').map((name) => tensorDetails(name, prepared));
  return {
    id,
    operator: domain === '' ? operator : `${domain}.${operator}`,
    version,
    attributes: [...attributes].map(([name, attribute]) => ({
      ...{ name, words: attributeWords(attribute), differs: false },
    })),
    inputs: tensors(inputs),
    outputs: tensors(outputs),
  };
}

function tensorDetails(name: string, { graph, model }: PreparedModel): TensorDetails {
  const constant = graph.initializers.get(name) ?? model.graph.initializers.get(name);
  const type: TensorType | undefined = constant ?? graph.tensors.get(name) ?? model.graph.tensors.get(name);
  return {
    name,
    shape: type?.shape ? printShape(type.shape) : null,
    dtype: type?.dtype ?? null,
    constant: constant !== undefined,
    differs: false,
  };
}

function kernelDetails(kernel: Kernel): KernelDetails {
  const { unit, type, assumed, algorithm, fused, macs, executedMacs, workspaceBytes, repetitions, fallback } = kernel;
  return {
    ...{ unit, type, assumed, algorithm, fused, macs, executedMacs, workspaceBytes, repetitions, fallback },
    tile: kernel.tile === null ? null : tileText(kernel),
    streams: kernel.streams.map((stream): Stream => ({
      ...stream,
      readBytes: stream.readBytes * repetitions,
      writeBytes: stream.writeBytes * repetitions,
      transfers: stream.transfers * repetitions,
    })),
  };
}

/** With what differs from the other side marked; nothing where there is no other side. */
function compared(own: readonly LayerDetails[], other: readonly LayerDetails[]): readonly LayerDetails[] {
  const counterparts = counterpartsOf(
    own.flatMap(({ nodes }) => nodes),
    other.flatMap(({ nodes }) => nodes),
  );
  return own.map((layer) => ({
    ...layer,
    nodes: layer.nodes.map((node) => {
      const counterpart = counterparts.get(node);
      return counterpart === undefined ? node : marked(node, counterpart);
    }),
  }));
}

/** By id, else in their order among those of one operator. */
function counterpartsOf(own: readonly NodeDetails[], other: readonly NodeDetails[]): ReadonlyMap<object, NodeDetails> {
  const left = new Set(other);
  const counterparts = new Map<object, NodeDetails>();
  const ways = [
    (one: NodeDetails, two: NodeDetails) => one.id === two.id && one.operator === two.operator,
    (one: NodeDetails, two: NodeDetails) => one.operator === two.operator,
  ];
  for (const isSame of ways) {
    for (const node of own) {
      if (counterparts.has(node)) continue;
      const found = [...left].find((one) => isSame(node, one));
      if (found === undefined) continue;
      counterparts.set(node, found);
      left.delete(found);
    }
  }
  return counterparts;
}

function marked(node: NodeDetails, other: NodeDetails): NodeDetails {
  const words = new Map(other.attributes.map((one) => [one.name, one.words]));
  const tensors = (own: readonly TensorDetails[], theirs: readonly TensorDetails[]) =>
    own.map((tensor, index) => {
      const there = theirs[index];
      return { ...tensor, differs: tensor.shape !== there?.shape || tensor.dtype !== there.dtype };
    });
  return {
    ...node,
    attributes: node.attributes.map((one) => ({ ...one, differs: words.get(one.name) !== one.words })),
    inputs: tensors(node.inputs, other.inputs),
    outputs: tensors(node.outputs, other.outputs),
  };
}
