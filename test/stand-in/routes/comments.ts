import {
  found,
  listReply,
  refusal,
  Refused,
  repositoryPath,
  validationFailed,
  type Call,
  type Handlers,
} from '../call.ts';
import { commentShape, reactionShape } from '../shapes/conversation.ts';
import { addComment, authorOf, type Comment, type World } from '../state.ts';

const commentOf = ({ world, path }: Call): Comment =>
  found(world.state.comments.find(({ id }) => id === Number(path.comment_id)));

function pullNumberOf({ world, path }: Call): number {
  const number = Number(path.issue_number);
  return found(world.state.pullRequests.find((pull) => pull.number === number)).number;
}

/**
 * Whether GitHub counts code points or UTF-16 units above 65,536 is not documented. UTF-16 units are never fewer, so what
 * passes here passes either way.
 */
function bodyOf({ world, body }: Call): string {
  const text = (body as { body: string }).body;
  const error = (message: string) =>
    validationFailed({ resource: 'IssueComment', code: 'unprocessable', field: 'data', message });
  if (text.trim() === '') throw error('Body cannot be blank');
  const limit = world.limits.commentCharacters;
  if (text.length > limit) throw error(`Body is too long (maximum is ${limit} characters)`);
  return text;
}

/** Apps with the permission may change every comment; people their own, and all with the right to push. */
function checkMayChange({ world, token }: Call, comment: Comment): void {
  if (token?.kind !== 'user') return;
  const maintains = ['write', 'maintain', 'admin'].includes(world.state.roles.get(token.login) ?? 'read');
  if (comment.author.login !== token.login && !maintains) {
    throw new Refused(refusal(403, 'Must have admin rights to Repository.'));
  }
}

function remove(world: World, comment: Comment): void {
  world.state.comments.splice(world.state.comments.indexOf(comment), 1);
}

export const commentHandlers: Handlers = {
  'issues/list-comments': (call) => {
    const number = pullNumberOf(call);
    const since = call.query.get('since');
    const comments = call.world.state.comments
      .filter(({ pullNumber }) => pullNumber === number)
      .filter(({ updatedAt }) => since === null || Date.parse(updatedAt) >= Date.parse(since));
    const path = `${repositoryPath(call.world)}/issues/${number}/comments`;
    return listReply(call, path, comments, (comment) => commentShape(call.world, comment));
  },

  'issues/create-comment': (call) => {
    const comment = addComment(call.world, pullNumberOf(call), authorOf(call.token!), bodyOf(call));
    return { status: 201, body: commentShape(call.world, comment) };
  },

  'issues/get-comment': (call) => ({ status: 200, body: commentShape(call.world, commentOf(call)) }),

  'issues/update-comment': (call) => {
    const comment = commentOf(call);
    checkMayChange(call, comment);
    comment.body = bodyOf(call);
    comment.updatedAt = call.world.now();
    return { status: 200, body: commentShape(call.world, comment) };
  },

  'issues/delete-comment': (call) => {
    const comment = commentOf(call);
    checkMayChange(call, comment);
    remove(call.world, comment);
    return { status: 204 };
  },

  'reactions/create-for-issue-comment': (call) => {
    const comment = commentOf(call);
    const { content } = call.body as { content: string };
    const { login } = authorOf(call.token!);
    const earlier = comment.reactions.find((reaction) => reaction.login === login && reaction.content === content);
    const reaction = earlier ?? { id: call.world.nextId(), login, content, at: call.world.now() };
    if (earlier === undefined) comment.reactions.push(reaction);
    return { status: earlier === undefined ? 201 : 200, body: reactionShape(call.world, reaction) };
  },
};
