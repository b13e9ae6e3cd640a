/** What the output unit does behind an operation, from the members that were fused into its kernel. */
import { clamps, curves } from '../../activations.ts';
import type { FusedGroup } from '../../group.ts';
import type { NpuOperation } from '../operation.ts';

/** Functions that become tables of 256 entries for 8-bit numbers. */
export const tableFunctions: ReadonlySet<string> = new Set([
  ...curves,
  'com.microsoft.QLinearSigmoid',
  'com.microsoft.QLinearLeakyRelu',
  'Exp',
  'Log',
  'tflite.Rsqrt',
]);

const byteTable = 256;
/** 512 entries of four bytes. */
const wordTable = 2048;

/** Functions that the unit has for 16-bit numbers, without a table. */
export const builtIn: ReadonlySet<string> = new Set(['Sigmoid', 'Tanh']);

export function tableBytesFor(bits: number): number {
  return bits > 8 ? wordTable : byteTable;
}

/** The first fused activation; one of the host itself is no part of this. */
export function activationOf({ members, host, absorbed }: FusedGroup, bits: number): Partial<NpuOperation> {
  for (const member of members) {
    if (member === host || absorbed.has(member)) continue;
    if (clamps.has(member.operator)) return clamp;
    if (!tableFunctions.has(member.operator)) continue;
    return { activation: 'lookup', tableBytes: tableBytesFor(bits) };
  }
  return nothing;
}

const clamp: Partial<NpuOperation> = { activation: 'clamp' };
const nothing: Partial<NpuOperation> = {};
