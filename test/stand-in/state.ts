// All that this GitHub remembers besides the git repository. Tests may read it, and change it between requests.
import type { Git } from './git.ts';
import type {
  AppIdentity,
  BranchRules,
  InstalledApp,
  Limits,
  LfsOptions,
  PullRequestOptions,
  StandInOptions,
  Token,
} from './options.ts';
import { githubLimits } from './options.ts';

export interface Author {
  readonly login: string;
  /** null for a person */
  readonly app: AppIdentity | null;
}

export interface Comment {
  readonly id: number;
  readonly pullNumber: number;
  readonly author: Author;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
  /** Login -> reactions such as "eyes" */
  readonly reactions: { readonly id: number; readonly login: string; readonly content: string; readonly at: string }[];
}

export interface Annotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly start_column?: number;
  readonly end_column?: number;
  readonly annotation_level: string;
  readonly message: string;
  readonly title?: string;
  readonly raw_details?: string;
}

export interface CheckRun {
  readonly id: number;
  readonly app: AppIdentity;
  readonly headSha: string;
  name: string;
  status: string;
  conclusion: string | null;
  externalId: string | null;
  detailsUrl: string | null;
  readonly startedAt: string;
  completedAt: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  readonly images: unknown[];
  readonly actions: unknown[];
  /** Appended to by every request that brings some */
  readonly annotations: Annotation[];
  /** The bodies of the request that made it and of every update, in order */
  readonly history: unknown[];
}

export interface PullRequest {
  readonly number: number;
  title: string;
  body: string | null;
  readonly author: string;
  readonly headRef: string;
  /** "owner/name" of the head's repository */
  readonly headRepository: string;
  baseRef: string;
  state: 'open' | 'closed';
  draft: boolean;
  readonly createdAt: string;
}

/** One try to send a webhook to the App. */
export interface Delivery {
  readonly id: number;
  readonly guid: string;
  /** Of the event */
  readonly name: string;
  readonly payload: unknown;
  readonly at: string;
  /** What was answered; 502 where nobody did */
  readonly status: number;
}

export interface State {
  readonly deliveries: Delivery[];
  /** Ids of deliveries that the App asked for again; a test sends them */
  readonly redeliveries: number[];
  /** The App was registered: its code was handed in. */
  isRegistered: boolean;
  readonly pullRequests: PullRequest[];
  readonly comments: Comment[];
  readonly checkRuns: CheckRun[];
  readonly tokens: Map<string, Token>;
  readonly roles: Map<string, string>;
}

/** One repository on one GitHub: its state and everything needed to answer for it. */
export interface World {
  readonly owner: string;
  readonly name: string;
  /** "owner/name" */
  readonly repository: string;
  readonly isPrivate: boolean;
  readonly defaultBranch: string;
  /** "http://127.0.0.1:8080/api/v3" */
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly git: Git;
  readonly limits: Limits;
  readonly rules: BranchRules;
  readonly lfs: LfsOptions | null;
  readonly app: InstalledApp | null;
  readonly state: State;
  /** ISO 8601, whole seconds, as GitHub writes times */
  readonly now: () => string;
  readonly nextId: () => number;
}

/** Ids of comments and check runs are beyond 32 bits on GitHub, so they are here. */
const firstId = 5_000_000_001;

export function makeWorld(options: StandInOptions, git: Git, serverUrl: string): World {
  const [owner, name] = options.repository.split('/');
  if (owner === undefined || name === undefined) throw new Error(`not "owner/name": ${options.repository}`);
  const clock = options.now ?? (() => new Date());
  const now = () => `${clock().toISOString().slice(0, 19)}Z`;
  let id = firstId;
  return {
    owner,
    name,
    repository: options.repository,
    isPrivate: options.private ?? false,
    defaultBranch: options.defaultBranch ?? 'main',
    apiUrl: serverUrl + (options.apiPath ?? '/api/v3'),
    serverUrl,
    git,
    limits: { ...githubLimits, ...options.limits },
    rules: options.rules ?? {},
    lfs: options.lfs ?? null,
    app: options.app ?? null,
    state: {
      pullRequests: (options.pullRequests ?? []).map((pull) => pullRequestOf(pull, options.repository, now())),
      comments: [],
      checkRuns: [],
      deliveries: [],
      redeliveries: [],
      isRegistered: false,
      tokens: new Map(Object.entries(options.tokens ?? {})),
      roles: new Map([[owner, 'admin'], ...Object.entries(options.roles ?? {})]),
    },
    now,
    nextId: () => id++,
  };
}

export function pullRequestOf(options: PullRequestOptions, repository: string, createdAt: string): PullRequest {
  const headRepository = options.head.fork ?? repository;
  return {
    number: options.number,
    title: options.title ?? `Change of ${options.head.ref}`,
    body: options.body ?? null,
    author: options.author ?? headRepository.split('/')[0]!,
    headRef: options.head.ref,
    headRepository,
    baseRef: options.base,
    state: options.state ?? 'open',
    draft: options.draft ?? false,
    createdAt,
  };
}

export function addComment(world: World, pullNumber: number, author: Author, body: string): Comment {
  const at = world.now();
  const comment = { id: world.nextId(), pullNumber, author, body, createdAt: at, updatedAt: at, reactions: [] };
  world.state.comments.push(comment);
  return comment;
}

export const authorOf = (token: Token): Author =>
  token.kind === 'user' ? { login: token.login, app: null } : { login: `${token.app.slug}[bot]`, app: token.app };
