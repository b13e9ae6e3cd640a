/** Tensors that cross between host and device, each once: where it is first needed on the other side. */
import type { Draft } from './draft.ts';
import type { Program } from './program.ts';
import type { Crossing } from './streams.ts';
import type { Target } from './target.ts';

const none: Crossing = { readBytes: 0, writeBytes: 0, tensors: 0 };

/**
 * By kernel. The model's inputs and results are the host's; the unit that unsupported operators fall back to is the
 * host, every other unit is on the device. Nothing crosses where the target names no link.
 */
export function crossingsOf(
  drafts: readonly Draft[],
  program: Program,
  target: Target,
  bufferOf: (tensor: string) => string,
): readonly Crossing[] {
  if (target.plan.hostLink === undefined) return drafts.map(() => none);
  const results = new Set(program.graph.outputs.map(bufferOf));
  const onDevice = new Set<string>();
  const onHost = new Set(program.graph.inputs.map(bufferOf));
  return drafts.map(({ placement, inputs, outputs }) => {
    const isHost = placement.unit.id === target.support.fallbackUnit;
    const [here, there] = isHost ? [onHost, onDevice] : [onDevice, onHost];
    const fetched = inputs.filter(({ buffer }) => !here.has(buffer) && there.has(buffer));
    for (const { buffer } of [...fetched, ...outputs]) here.add(buffer);
    const returned = isHost ? [] : outputs.filter(({ buffer }) => results.has(buffer) && !onHost.has(buffer));
    for (const { buffer } of returned) onHost.add(buffer);
    // Towards the device the link is read, towards the host it is written.
    const [inward, outward] = isHost ? [[], fetched] : [fetched, returned];
    return {
      readBytes: inward.reduce((sum, { bytes }) => sum + bytes, 0),
      writeBytes: outward.reduce((sum, { bytes }) => sum + bytes, 0),
      tensors: inward.length + outward.length,
    };
  });
}
