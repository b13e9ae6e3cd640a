/** The document of a page, put together from its report and what a review found of each model. */
import type { Budget } from '../../compare/comparison.ts';
import type { Target } from '../../schedule/target.ts';
import type { Report } from '../report.ts';
import { pageSchema, type PageDocument, type PageModel, type PageView } from './document.ts';

/** What the page has of one model beside its report. */
export interface PagePart {
  readonly model: PageModel;
  /** By target. */
  readonly views: readonly PageView[];
}

export interface PageSetting {
  readonly report: Report;
  /** Of each of the report's models, in any order. */
  readonly parts: readonly PagePart[];
  readonly targets: readonly Target[];
  /** By target: the ids that budgets may name it by. */
  readonly targetIds: readonly (readonly string[])[];
  readonly budgets: readonly Budget[];
  readonly link?: string | undefined;
  readonly sourceAddress?: string | undefined;
}

/** Undefined where a model of the report has no part. */
export function pageDocument({ report, parts, ...setting }: PageSetting): PageDocument | undefined {
  const byPath = new Map(parts.map((part) => [part.model.path, part]));
  const ordered = report.models.map(({ path }) => byPath.get(path));
  if (!ordered.every((part) => part !== undefined)) return undefined;
  return {
    schema: pageSchema,
    report: {
      report,
      link: setting.link ?? null,
      sourceAddress: setting.sourceAddress ?? null,
      views: ordered.map(({ views }) => views),
    },
    models: {
      toolVersion: report.tool.version,
      models: ordered.map(({ model }) => model),
      targets: setting.targets,
      targetIds: setting.targetIds,
      budgets: setting.budgets,
    },
  };
}
