/** The repository's config with every default filled in, SI units inside. */
import type { Budget } from '../compare/comparison.ts';
import type { ComputeType } from '../schedule/target.ts';

/** Where the config is unless somebody says otherwise. */
export const defaultConfigPath = '.github/model-budget.yml';

export const commentTimes = ['changed', 'always', 'breach', 'never'] as const;
export const chartHosts = ['auto', 'branch', 'app', 'quickchart', 'mermaid', 'text', 'off'] as const;
export const permissions = ['read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Permission = (typeof permissions)[number];

/** Words of `assumeDtype` and `--assume-dtype`, and what they mean to the compiler. */
export const assumedTypes = {
  int8: 'int8',
  w8a16: 'int16',
  fp16: 'float16',
  bf16: 'bfloat16',
  none: 'none',
} as const satisfies Readonly<Record<string, ComputeType | 'none'>>;
export type AssumedDtype = keyof typeof assumedTypes;

/** How the models under a glob are to be read. */
export interface ModelEntry {
  /** Glob over paths. */
  readonly path: string;
  readonly name?: string;
  /** Globs over paths that the entry leaves out. */
  readonly ignore: readonly string[];
  readonly dims: ReadonlyMap<string, number>;
  readonly inputs: ReadonlyMap<string, readonly number[]>;
  readonly rateHertz?: number;
  readonly assumeDtype?: AssumedDtype;
}

/** A target's id, or a target file of the repository. */
export interface TargetReference {
  /** An id, or a path that ends in `.yml` or `.yaml`. */
  readonly id: string;
  /** The file's text, once it was read: a resolved config holds all that it needs. */
  readonly text?: string;
  /** Line of the config file that names it, from 1. */
  readonly line?: number;
}

export interface Extends {
  /** `owner/name` */
  readonly repository: string;
  readonly path: string;
  readonly ref: string;
}

export interface Config {
  /** The last entry that fits a path counts; none at all: every model file of the repository. */
  readonly models: readonly ModelEntry[];
  readonly targets: readonly TargetReference[];
  readonly budgets: readonly Budget[];
  readonly unmeasured: 'fail' | 'neutral';
  readonly comment: { readonly when: (typeof commentTimes)[number]; readonly layers: number };
  readonly charts: (typeof chartHosts)[number];
  readonly commands: { readonly enabled: boolean; readonly minPermission: Permission };
  readonly waivers: { readonly who: Permission; readonly expiresDays: number };
  /** Not yet merged in. */
  readonly extends?: Extends;
}

/** What the file itself says; the rest comes from what it extends and from the defaults. */
export interface ConfigFile {
  readonly models?: readonly ModelEntry[];
  readonly targets?: readonly TargetReference[];
  readonly budgets?: readonly Budget[];
  readonly unmeasured?: Config['unmeasured'];
  readonly comment?: Partial<Config['comment']>;
  readonly charts?: Config['charts'];
  readonly commands?: Partial<Config['commands']>;
  readonly waivers?: Partial<Config['waivers']>;
  readonly extends?: Extends;
}

export const defaultConfig: Config = {
  models: [],
  targets: [{ id: 'rpi4-xnnpack' }, { id: 'github-runner-onnxruntime' }],
  budgets: [],
  unmeasured: 'fail',
  comment: { when: 'changed', layers: 12 },
  charts: 'auto',
  commands: { enabled: true, minPermission: 'write' },
  waivers: { who: 'maintain', expiresDays: 30 },
};
