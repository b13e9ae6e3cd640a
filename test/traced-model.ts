/** Fixture models as PyTorch's exporters would have left them: with stack traces on their nodes. */
import onnxProto from 'onnx-proto';

/** Doc strings by the name of a node, as the TorchScript exporter writes them. */
export function withDocStrings(model: Uint8Array, docStrings: Readonly<Record<string, string>>): Buffer {
  const decoded = onnxProto.onnx.ModelProto.decode(model);
  for (const node of decoded.graph?.node ?? []) {
    const docString = docStrings[node.name ?? ''];
    if (docString !== undefined) node.docString = docString;
  }
  return Buffer.from(onnxProto.onnx.ModelProto.encode(decoded).finish());
}

/** Of a script that exports a model: what calls a layer, PyTorch's own frames, the exporter, the script. */
export function scriptTrace(...own: readonly string[]): string {
  const torch = '/opt/venv/lib/python3.12/site-packages/torch';
  return [
    `${torch}/nn/modules/conv.py(560): _conv_forward`,
    ...own.map((frame) => `${frame}: forward\n${torch}/nn/modules/module.py(1787): _wrapped_call_impl`),
    `${torch}/jit/_trace.py(131): wrapper`,
    `${torch}/onnx/__init__.py(337): export`,
    '/checkout/detector/export.py(6): <module>',
    '',
  ].join('\n');
}
