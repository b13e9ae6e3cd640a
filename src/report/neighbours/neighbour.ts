/** What the files of other tools are made from: one model on one target, as the report has it. */
import type { DiffRow } from '../../compare/comparison.ts';
import type { Model } from '../../ir/graph.ts';
import type { Schedule } from '../../schedule/schedule.ts';

/** By the word of `--format`: what opens the files. */
export const neighbourTitles = {
  netron: 'Netron',
  'model-explorer': 'Model Explorer',
  trace: 'Perfetto and Chrome',
} as const;

export type NeighbourFormat = keyof typeof neighbourTitles;

export const neighbourFormats = Object.keys(neighbourTitles) as readonly NeighbourFormat[];

export function isNeighbourFormat(format: string): format is NeighbourFormat {
  return Object.hasOwn(neighbourTitles, format);
}

export type NeighbourSideName = 'base' | 'head';

/** One version of the model, compiled for the target of the rows. */
export interface NeighbourSide {
  readonly model: Model;
  readonly schedule: Schedule;
}

export interface NeighbourSubject {
  readonly path: string;
  /** Id of the target. */
  readonly target: string;
  readonly rows: readonly DiffRow[];
  /** Null: it is not there, or could not be compiled. */
  readonly base: NeighbourSide | null;
  readonly head: NeighbourSide | null;
}

export interface NeighbourFile {
  /** Letters that every file system takes. */
  readonly name: string;
  /** What it holds: `head: latency`. */
  readonly words: string;
  /** Ends with a line break. */
  readonly text: string;
}

/** A version that is there. */
export interface NamedSide {
  readonly name: NeighbourSideName;
  readonly side: NeighbourSide;
  /** Empty for the only one. */
  readonly words: string;
}

export function isCompared({ base, head }: NeighbourSubject): boolean {
  return base !== null && head !== null;
}

/** The base first. */
export function sidesOf(subject: NeighbourSubject): readonly NamedSide[] {
  const names = ['base', 'head'] as const;
  return names.flatMap((name) => {
    const side = subject[name];
    return side === null ? [] : [{ name, side, words: isCompared(subject) ? name : '' }];
  });
}

const longestWord = 60;

/** `detector-onnx-ethos-u55-128-head-latency.json` */
export function neighbourFileName(
  { path, target }: NeighbourSubject,
  parts: readonly string[],
  ending: string,
): string {
  const words = [path.split('/').at(-1)!, target, ...parts].map((part) =>
    part
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(-longestWord)
      .replace(/^-+|-+$/g, ''),
  );
  return `${words.filter((word) => word !== '').join('-') || 'model'}.${ending}`;
}
