/**
 * `model-budget/page@1`: all that a report page holds. In the file it is three texts (`ir/record-text.ts`), deflated: the
 * main thread reads `PageReport`, which is what every table, graph and chart shows, of which `PageRows` is a text of its
 * own; the worker reads `PageModels`, which is what it compiles and simulates again for details and what-ifs.
 */
import type { Budget } from '../../compare/comparison.ts';
import type { Bindings, PreparedModel } from '../../passes/prepared.ts';
import type { WeightError } from '../../optimizations/weights/weight-errors.ts';
import type { CompileOptions } from '../../schedule/compile.ts';
import type { RecordedWeights, WeightFacts } from '../../schedule/npu/weights/facts.ts';
import type { Target } from '../../schedule/target.ts';
import type { Report } from '../report.ts';

export const pageSchema = 'model-budget/page@1';

export type PartId = 'report' | 'rows' | 'models';

/** How a part of the data begins in the file. */
export function partStart(id: PartId): string {
  return `<script type="application/octet-stream" id="${id}" data-schema="${pageSchema}">`;
}

export interface PageDocument {
  readonly schema: typeof pageSchema;
  readonly report: PageReport;
  readonly models: PageModels;
}

export interface PageReport {
  readonly report: Report;
  /** Address of the pull request or the commit that the report is of, where there is one. */
  readonly link: string | null;
  /** `https://…/blob/<sha>/`: in front of `path#L12` of a row's source; null outside of a forge. */
  readonly sourceAddress: string | null;
  /** By model, then by target, as in the report. */
  readonly views: readonly (readonly PageView[])[];
}

/** What a page's report has in common with those of other pull requests and commits that change the same models. */
export interface PageRows {
  readonly models: Report['models'];
  readonly views: PageReport['views'];
}

export function withoutRows({ report, ...page }: PageReport): PageReport {
  return { ...page, report: { ...report, models: [] }, views: [] };
}

export function withRows({ report, ...page }: PageReport, { models, views }: PageRows): PageReport {
  return { ...page, report: { ...report, models }, views };
}

/** How the rows of one model on one target hang together. A row is named by its index in the target's `layers`. */
export interface PageView {
  readonly edges: readonly PageEdge[];
  /** The whole model. */
  readonly modules: PageModule;
  /** By id of the module, of every module with at least one child. */
  readonly layouts: ReadonlyMap<string, ModuleLayout>;
}

/** A tensor that one row makes and another reads. */
export interface PageEdge {
  readonly from: number;
  readonly to: number;
  readonly tensor: string;
  /** Of the head where both sides have it. */
  readonly shape: readonly number[] | null;
  readonly dtype: string | null;
  readonly bytes: number | null;
  readonly side: 'both' | 'base' | 'head';
}

/**
 * `module`: a scope of names. `repeat`: equal modules next to one another, its children. `stretch`: neighbours in
 * execution order, where names tell no modules and there are too many rows for one picture.
 */
export interface PageModule {
  readonly kind: 'module' | 'repeat' | 'stretch';
  /** Unique in the view: `''` is the whole model. */
  readonly id: string;
  /** `encoder.layer.* ×24`, `stage3`. */
  readonly title: string;
  /** Rows and modules in execution order; a number is a row. */
  readonly children: readonly (number | PageModule)[];
}

/** Where the children of one module lie when it is open, in a plane whose origin is the upper left corner. */
export interface ModuleLayout {
  readonly width: number;
  readonly height: number;
  /** As many and in the same order as the module's `children`. */
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
}

export interface Box {
  /** Of the upper left corner. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One line between two children, for all edges between rows in them. */
export interface Wire {
  /** Index of a child; -1: from or to what is outside of the module. */
  readonly from: number;
  readonly to: number;
  /** Indices of the view's `edges`. */
  readonly edges: readonly number[];
  /** x and y of each corner of the line. */
  readonly points: readonly (readonly [number, number])[];
}

export interface PageModels {
  readonly toolVersion: string;
  /** As in the report. */
  readonly models: readonly PageModel[];
  readonly targets: readonly Target[];
  /** For each target the ids that budgets name it by; absent: its own. */
  readonly targetIds?: readonly (readonly string[])[];
  readonly budgets: readonly Budget[];
}

export interface PageModel {
  readonly path: string;
  readonly previousPath?: string;
  readonly name?: string;
  /** Null: it is not there, or cannot be read. Without its nodes' metadata, which holds paths of machines. */
  readonly base: PageSide | null;
  readonly head: PageSide | null;
  readonly options: CompileOptions;
  readonly rateHertz: number | null;
}

export interface PageSide {
  readonly prepared: PreparedModel;
  readonly bindings: Bindings;
  readonly fileBytes: number;
  readonly downloadBytes: number | null;
  /** What targets that compress weights found out about them, whose bytes are not in the page. */
  readonly weights?: RecordedWeights;
  /** How far usual edits take the weights of a node from the file's; see `recordedErrors`. */
  readonly errors?: ReadonlyMap<string, WeightError>;
  /** What the same targets found out about weights that usual edits made; see `editKeys`. */
  readonly edited?: ReadonlyMap<string, WeightFacts>;
}
