// Comments, reactions, check runs and annotations as the API shows them.
import type { Annotation, CheckRun, Comment, World } from '../state.ts';
import { headSha } from '../resolve.ts';
import { appShape, associationOf, nodeId, stableId, userShape, type Shape } from './account.ts';
import { pullRequestMinimalShape } from './pull-request.ts';
import { repositoryApi, repositoryPage } from './repository.ts';

const reactionWords = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'];

function reactionCounts(comment: Comment, url: string): Shape {
  const count = (word: string) => comment.reactions.filter(({ content }) => content === word).length;
  const counts = Object.fromEntries(reactionWords.map((word) => [word, count(word)]));
  return { url, total_count: comment.reactions.length, ...counts };
}

export function commentShape(world: World, comment: Comment): Shape {
  const url = `${repositoryApi(world)}/issues/comments/${comment.id}`;
  const page = `${repositoryPage(world)}/pull/${comment.pullNumber}`;
  return {
    url,
    html_url: `${page}#issuecomment-${comment.id}`,
    issue_url: `${repositoryApi(world)}/issues/${comment.pullNumber}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: userShape(world, comment.author.login),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: associationOf(world, comment.author),
    body: comment.body,
    reactions: reactionCounts(comment, `${url}/reactions`),
    performed_via_github_app: comment.author.app === null ? null : appShape(world, comment.author.app),
  };
}

export function reactionShape(world: World, reaction: Comment['reactions'][number]): Shape {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: userShape(world, reaction.login),
    content: reaction.content,
    created_at: reaction.at,
  };
}

/** A suite holds the runs of one App on one commit. */
export const checkSuiteId = (run: CheckRun): number => stableId(`${run.app.id} ${run.headSha}`);

export function checkRunShape(world: World, run: CheckRun): Shape {
  const url = `${repositoryApi(world)}/check-runs/${run.id}`;
  const pulls = world.state.pullRequests.filter(
    (pull) => pull.headRepository === world.repository && pull.state === 'open' && headSha(world, pull) === run.headSha,
  );
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', run.id),
    head_sha: run.headSha,
    external_id: run.externalId ?? '',
    url,
    html_url: `${repositoryPage(world)}/runs/${run.id}`,
    details_url: run.detailsUrl ?? `${world.serverUrl}/apps/${run.app.slug}`,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: checkSuiteId(run) },
    app: appShape(world, run.app),
    pull_requests: pulls.map((pull) => pullRequestMinimalShape(world, pull)),
  };
}

export function annotationShape(world: World, run: CheckRun, annotation: Annotation): Shape {
  return {
    path: annotation.path,
    blob_href: `${repositoryPage(world)}/blob/${run.headSha}/${annotation.path}`,
    start_line: annotation.start_line,
    start_column: annotation.start_column ?? null,
    end_line: annotation.end_line,
    end_column: annotation.end_column ?? null,
    annotation_level: annotation.annotation_level,
    title: annotation.title ?? null,
    message: annotation.message,
    raw_details: annotation.raw_details ?? null,
  };
}
