import {
  found,
  listReply,
  pageItems,
  pageLinks,
  pageOf,
  refusal,
  Refused,
  repositoryPath,
  unprocessable,
  validationFailed,
  type Call,
  type Handlers,
} from '../call.ts';
import { objectById } from '../git.ts';
import type { AppIdentity } from '../options.ts';
import { resolveCommit } from '../resolve.ts';
import { annotationShape, checkRunShape } from '../shapes/conversation.ts';
import type { Annotation, CheckRun, World } from '../state.ts';

interface CheckBody {
  readonly name?: string;
  readonly head_sha?: string;
  readonly status?: string;
  readonly conclusion?: string;
  readonly external_id?: string;
  readonly details_url?: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly output?: {
    readonly title?: string;
    readonly summary?: string;
    readonly text?: string;
    readonly annotations?: readonly Annotation[];
    readonly images?: readonly unknown[];
  };
  readonly actions?: readonly unknown[];
}

/** Only Apps have checks; people are told so. */
function appOf({ token }: Call): AppIdentity {
  if (token?.kind === 'installation') return token.app;
  throw new Refused(refusal(403, 'You must authenticate via a GitHub App.'));
}

const runOf = ({ world, path }: Call): CheckRun =>
  found(world.state.checkRuns.find(({ id }) => id === Number(path.check_run_id)));

/** GitHub counts bytes where its documentation says characters. */
function checkSizes(world: World, body: CheckBody): void {
  const limit = world.limits.checkTextBytes;
  for (const field of ['summary', 'text'] as const) {
    if (Buffer.byteLength(body.output?.[field] ?? '') <= limit) continue;
    const message = `${field} exceeds a maximum bytesize of ${limit}`;
    throw validationFailed({ resource: 'CheckRun', code: 'custom', field, message });
  }
  const annotations = body.output?.annotations?.length ?? 0;
  if (annotations > world.limits.annotationsPerRequest) {
    const most = world.limits.annotationsPerRequest;
    throw unprocessable(`Invalid request.\n\nNo more than ${most} items are allowed; ${annotations} were supplied.`);
  }
}

/** A conclusion completes a run; a completed run needs one. */
function checkConclusion(body: CheckBody, earlier: string | null): void {
  if (body.status === 'completed' && body.conclusion === undefined && earlier === null) {
    throw validationFailed({ resource: 'CheckRun', code: 'missing_field', field: 'conclusion' });
  }
}

function update(world: World, run: CheckRun, body: CheckBody): void {
  run.history.push(body);
  run.name = body.name ?? run.name;
  run.externalId = body.external_id ?? run.externalId;
  run.detailsUrl = body.details_url ?? run.detailsUrl;
  run.status = body.conclusion === undefined ? (body.status ?? run.status) : 'completed';
  // A run that is opened again has no conclusion.
  run.conclusion = run.status === 'completed' ? (body.conclusion ?? run.conclusion) : null;
  run.completedAt = run.status === 'completed' ? (body.completed_at ?? run.completedAt ?? world.now()) : null;
  const { output } = body;
  if (output !== undefined) {
    run.title = output.title ?? run.title;
    run.summary = output.summary ?? run.summary;
    run.text = output.text ?? run.text;
    run.annotations.push(...(output.annotations ?? []));
    run.images.push(...(output.images ?? []));
  }
  if (body.actions !== undefined) run.actions.splice(0, Infinity, ...body.actions);
}

function newRun(world: World, app: AppIdentity, body: CheckBody): CheckRun {
  return {
    id: world.nextId(),
    app,
    headSha: body.head_sha!,
    name: body.name!,
    status: 'queued',
    conclusion: null,
    externalId: null,
    detailsUrl: null,
    startedAt: body.started_at ?? world.now(),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    images: [],
    actions: [],
    annotations: [],
    history: [],
  };
}

/** Newest first; `filter=latest`, the default, shows only the newest of each name and App. */
function listed(call: Call, sha: string): CheckRun[] {
  const { query, world } = call;
  const [name, status, app] = [query.get('check_name'), query.get('status'), query.get('app_id')];
  const runs = world.state.checkRuns.filter(({ headSha }) => headSha === sha).reverse();
  const key = (run: CheckRun) => `${run.app.id} ${run.name}`;
  const shown =
    query.get('filter') === 'all' ? runs : [...new Map(runs.toReversed().map((run) => [key(run), run])).values()];
  return shown
    .filter((run) => name === null || run.name === name)
    .filter((run) => status === null || run.status === status)
    .filter((run) => app === null || run.app.id === Number(app))
    .sort((a, b) => b.id - a.id);
}

export const checkHandlers: Handlers = {
  'checks/create': (call) => {
    const { world } = call;
    const body = call.body as CheckBody;
    const app = appOf(call);
    if (objectById(world.git, body.head_sha!, 'commit') === null) {
      throw unprocessable(`No commit found for SHA: ${body.head_sha!}`);
    }
    checkSizes(world, body);
    checkConclusion(body, null);
    const run = newRun(world, app, body);
    update(world, run, body);
    world.state.checkRuns.push(run);
    return { status: 201, body: checkRunShape(world, run) };
  },

  'checks/update': (call) => {
    const run = runOf(call);
    const body = call.body as CheckBody;
    const app = appOf(call);
    if (app.id !== run.app.id) {
      const message = `Invalid app_id \`${app.id}\` - check run can only be modified by the GitHub App that created it.`;
      throw new Refused(refusal(403, message));
    }
    checkSizes(call.world, body);
    checkConclusion(body, run.conclusion);
    update(call.world, run, body);
    return { status: 200, body: checkRunShape(call.world, run) };
  },

  'checks/get': (call) => ({ status: 200, body: checkRunShape(call.world, runOf(call)) }),

  'checks/list-annotations': (call) => {
    const run = runOf(call);
    const path = `${repositoryPath(call.world)}/check-runs/${run.id}/annotations`;
    return listReply(call, path, run.annotations, (annotation) => annotationShape(call.world, run, annotation));
  },

  'checks/list-for-ref': (call) => {
    const { world } = call;
    const sha = resolveCommit(world, call.path.ref!);
    if (sha === null) throw unprocessable(`No commit found for SHA: ${call.path.ref!}`);
    const runs = listed(call, sha);
    const page = pageOf(call.query);
    const path = `${repositoryPath(world)}/commits/${sha}/check-runs`;
    const check_runs = pageItems(runs, page).map((run) => checkRunShape(world, run));
    return {
      status: 200,
      headers: pageLinks(call, path, runs.length, page),
      body: { total_count: runs.length, check_runs },
    };
  },
};
