/**
 * What was found out on one machine with its memories, for as long as its target lives: compilations that follow each other
 * (a what-if, the other side of a pull request) ask nearly the same again.
 */
import type { Target } from '../target.ts';
import type { KnownSizes } from './weights/once.ts';
import { noSizes } from './weights/once.ts';

/** One object for all operations of a machine that run alike: what is remembered of them is remembered by it. */
export interface Look {
  /** A bit for each feature map that lies in the fast memory: the output, then those that are read. */
  readonly nearMaps: number;
}

/** Looks of operations that differ in the memories of their feature maps alone. */
export type Looks = Map<number, Look>;

export interface Findings {
  readonly looks: Map<string, Looks>;
  readonly sizes: KnownSizes;
  /** How much hangs on the looks. */
  count: number;
}

/** More are forgotten when the next compilation begins. */
const mostFindings = 20_000;

const remembered = new WeakMap<Target, Findings>();

export function findingsOf(target: Target): Findings {
  let findings = remembered.get(target);
  if (findings === undefined || findings.count + findings.sizes.count > mostFindings) {
    findings = { looks: new Map(), sizes: noSizes(), count: 0 };
    remembered.set(target, findings);
  }
  return findings;
}
