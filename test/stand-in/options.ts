// What a test says about the GitHub that it wants.
import type { Fault } from './faults.ts';

export type Access = 'none' | 'read' | 'write';

/** The repository permissions that matter here, in the words of the API. `metadata: read` comes with every token. */
export interface Permissions {
  readonly contents?: Access;
  readonly pull_requests?: Access;
  readonly issues?: Access;
  readonly checks?: Access;
}

export interface AppIdentity {
  readonly slug: string;
  readonly id: number;
  readonly name: string;
}

export const githubActions: AppIdentity = { slug: 'github-actions', id: 15368, name: 'GitHub Actions' };

/**
 * Who calls: an App in this repository (a workflow's token is one of the App "github-actions"), the App itself by its JSON
 * web token, or a person. A person's permissions are those of their role.
 */
export type Token =
  | { readonly kind: 'installation'; readonly app: AppIdentity; readonly permissions: Permissions }
  | { readonly kind: 'app'; readonly app: AppIdentity }
  | { readonly kind: 'user'; readonly login: string; readonly permissions: Permissions };

/** An App as GitHub knows it, and its installation in this repository. */
export interface InstalledApp {
  readonly identity: AppIdentity;
  readonly permissions: Permissions;
  /** PEM */
  readonly publicKey: string;
  /** Id of its installation */
  readonly installation: number;
  /** What its registration hands out: PEM, and the secret of its webhooks */
  readonly privateKey: string;
  readonly secret: string;
}

/** A workflow's own token. */
export const workflowToken = (permissions: Permissions): Token => ({
  kind: 'installation',
  app: githubActions,
  permissions,
});

export interface PullRequestOptions {
  readonly number: number;
  readonly title?: string;
  readonly body?: string | null;
  /** Login of the author; the owner of the head's repository by default */
  readonly author?: string;
  readonly head: BranchOptions;
  /** Name of the branch, without "refs/heads/" */
  readonly base: string;
  readonly state?: 'open' | 'closed';
  readonly draft?: boolean;
}

export interface BranchOptions {
  /** Name of the branch, without "refs/heads/" */
  readonly ref: string;
  /** "owner/name" of a fork; its branches are refs/forks/<owner>/<branch> of the git repository */
  readonly fork?: string;
}

/** GitHub's real limits by default; a test can make them smaller. */
export interface Limits {
  readonly commentCharacters: number;
  readonly checkTextBytes: number;
  readonly annotationsPerRequest: number;
  readonly pullRequestFiles: number;
  readonly compareFiles: number;
  readonly compareCommits: number;
  readonly treeEntries: number;
  readonly directoryEntries: number;
  readonly contentsJsonBytes: number;
  readonly blobBytes: number;
  readonly requestsPerHour: number;
}

export const githubLimits: Limits = {
  commentCharacters: 65_536,
  checkTextBytes: 65_535,
  annotationsPerRequest: 50,
  pullRequestFiles: 3_000,
  compareFiles: 300,
  compareCommits: 250,
  treeEntries: 100_000,
  directoryEntries: 1_000,
  contentsJsonBytes: 2 ** 20,
  blobBytes: 100 * 2 ** 20,
  requestsPerHour: 5_000,
};

/** One request, as hooks and logs see it. */
export interface SeenRequest {
  readonly method: string;
  /** With the query, without the API's own prefix: "/repos/acme/detector/pulls?state=open" */
  readonly path: string;
  /** "github-actions[bot]"; null without a valid token */
  readonly login: string | null;
  readonly body: unknown;
}

export interface LfsOptions {
  /** Folder of objects, each in a file named by its SHA-256 */
  readonly folder: string;
  /** Answer of every batch request: the quota is used up, or there were too many requests */
  readonly refuses?: 'quota' | 'rate';
}

/** What is asked of a merge into the default branch. */
export interface BranchRules {
  /** By branch protection; `appId` -1: any source */
  readonly protection?: readonly RequiredCheck[];
  /** By a ruleset */
  readonly ruleset?: readonly RequiredCheck[];
  /** A ruleset has changes go through a merge queue */
  readonly mergeQueue?: boolean;
}

export interface RequiredCheck {
  readonly context: string;
  readonly appId?: number;
}

export interface StandInOptions {
  /** Folder of the git repository, bare or with a work tree */
  readonly gitFolder: string;
  /** "owner/name" */
  readonly repository: string;
  readonly private?: boolean;
  /** Default "main" */
  readonly defaultBranch?: string;
  readonly pullRequests?: readonly PullRequestOptions[];
  /** Token's text -> who it is */
  readonly tokens?: Readonly<Record<string, Token>>;
  /** Login -> role in the repository: "admin", "maintain", "write", "triage", "read" or "none" */
  readonly roles?: Readonly<Record<string, string>>;
  readonly limits?: Partial<Limits>;
  readonly rules?: BranchRules;
  readonly lfs?: LfsOptions;
  readonly app?: InstalledApp;
  readonly faults?: readonly Fault[];
  /** Answers the first of each distinct call with this status, before it does anything. */
  readonly failEachCallOnce?: number;
  /** Awaited before a request is handled */
  readonly onRequest?: (request: SeenRequest) => void | Promise<void>;
  /** Path of the API below the server: "/api/v3" by default, as on GitHub Enterprise Server */
  readonly apiPath?: string;
  readonly now?: () => Date;
}
