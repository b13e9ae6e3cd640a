/** OperatorSetIdProto: which version of each domain's operators a model or function uses. */
import { fields, integerOf, nameOf, type Message } from '../protobuf.ts';

/** Domain (`ai.onnx` for the default one) to version. */
export function readOpsets(messages: readonly Message[]): Map<string, number> {
  const opsets = new Map<string, number>();
  for (const message of messages) {
    let domain = '';
    let version = 0;
    for (const field of fields(message)) {
      if (field.number === 1) domain = nameOf(field);
      else if (field.number === 2) version = integerOf(field);
    }
    opsets.set(domain === '' ? 'ai.onnx' : domain, version);
  }
  return opsets;
}

/** Version 1 where the domain is not imported, as for models older than opset imports (IR < 3). */
export function versionOf(domain: string, opsets: ReadonlyMap<string, number>): number {
  return opsets.get(domain === '' ? 'ai.onnx' : domain) ?? 1;
}
