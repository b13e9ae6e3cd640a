/** What a unit makes of a loop nest: how many MACs' worth of time it takes once the nest is rounded to the machine. */
import type { LoopNest } from '../operators/work.ts';

export interface Rounding {
  /** MACs of one sequential step of the nest, padding included; at least the nest's own. */
  readonly paddedMacs: number;
  /** The dimension that wastes most, in words: `3 input channels fill 3 of 16 lanes`. */
  readonly detail: string;
}

/** One dimension of a nest against the machine's step in it. */
export interface Fill {
  readonly size: number;
  readonly step: number;
  /** `input channels`, `output rows` */
  readonly what: string;
  /** `lanes`, `columns of the array` */
  readonly where: string;
}

export function roundUp(size: number, step: number): number {
  return Math.ceil(size / step) * step;
}

/** Share of the machine that one dimension keeps busy, 0 to 1. */
export function fillShare({ size, step }: Fill): number {
  return size / roundUp(size, step);
}

/** Words for the dimension that fills least. */
export function worstFill(fills: readonly Fill[]): string {
  const [first, ...others] = fills;
  const worst = others.reduce((least, fill) => (fillShare(fill) < fillShare(least) ? fill : least), first!);
  const { size, step, what, where } = worst;
  return `${size} ${what} fill ${size} of ${roundUp(size, step)} ${where}`;
}

/** MACs of one of the sequential steps. */
export function stepMacs({ B, G, K, C, OY, OX, FY, FX }: LoopNest): number {
  return B * G * K * C * OY * OX * FY * FX;
}
