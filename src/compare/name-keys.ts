/**
 * Names that a person or a module tree gave, as opposed to counters that shift with every insertion. Only the former
 * may anchor a layer, and only to one of the same family whose weights have the same rank.
 */
import type { KeyedNode } from './keyed-graph.ts';

/** `Conv_12`, `node_conv2d_3`, `conv1`, `123`: an insertion before it may have renamed it. */
const counter = /^$|_\d+$|^[a-z]*\d+$/i;

/** In a path, `layer1` is a module and `conv2d_37` still a counter. */
const counterSegment = /_\d+$|^\d+$/;

/** The module that it was exported from: `/layer1/layer1.0/conv1/Conv`, or what the exporter left in the metadata. */
export function scopeKey(node: KeyedNode): string | undefined {
  const name = metadataScope(node.node.metadata) ?? scopedName(node.node.name);
  return name === undefined ? undefined : qualified(name, node);
}

/** Torch's dynamo exporter writes both; the last step is the traced operator with its counter. */
function metadataScope(metadata: ReadonlyMap<string, string>): string | undefined {
  const namespace = metadata.get('namespace')?.split('/').slice(0, -1).join('/');
  const scopes = metadata.get('pkg.torch.onnx.name_scopes')?.split(', ').slice(0, -1).join(', ');
  return [namespace, scopes].find((scope) => scope !== undefined && scope !== '');
}

function scopedName(name: string): string | undefined {
  const segments = name.split('/').filter((segment) => segment !== '');
  const scopes = segments.slice(0, -1);
  // The last segment is the operator, counted within its scope: `/layer1/relu/Relu_1` is a name, `Relu_1` is none.
  if (scopes.length === 0) return counter.test(name) ? undefined : name;
  return scopes.some((segment) => counterSegment.test(segment)) ? undefined : name;
}

/** Exporters fold and rename matrices, but the names of biases survive (and those of matrices, mostly). */
export function biasNameKey(node: KeyedNode): string | undefined {
  const names = node.weights.map((weight) => weight.name).filter((name) => isParameterName(name));
  return names.length === 0 ? undefined : qualified(names.at(-1)!, node);
}

/** `layer1.0.conv1.bias`, not `onnx::Conv_124`, `_v_28`, `bias_3` or `Add_20/y:0`. */
function isParameterName(name: string): boolean {
  if (name.includes('::') || counter.test(name) || !/[./]/.test(name)) return false;
  return !name.split(/[/:]/).some((segment) => /_\d+$/.test(segment));
}

function qualified(name: string, node: KeyedNode): string {
  const ranks = node.weights.map((weight) => weight.shape.length).join();
  return `${node.familyKey} ${ranks} ${name}`;
}
