import { describe, expect, test } from 'vitest';
import { issueCommentEvent } from '../stand-in/events.ts';
import { workflowToken } from '../stand-in/options.ts';
import { addComment, type Comment } from '../stand-in/state.ts';
import { scenario, type Scenario } from './scenario.ts';

const ada = { login: 'ada', app: null };
const roles = { ada: 'write' };

function write({ standIn }: Scenario, body: string, author: Comment['author'] = ada): Comment {
  return addComment(standIn.world, 7, author, body);
}

function run(given: Scenario, comment: Comment, action?: 'created' | 'edited') {
  return given.run({ event: issueCommentEvent(given.standIn.world, comment, action) });
}

const ours = ({ comments }: Scenario) => comments().filter(({ author }) => author.app !== null);
const reactions = (comment: Comment) => comment.reactions.map(({ content }) => content);

function expectValid({ standIn, checks }: Scenario): void {
  expect(standIn.violations).toEqual([]);
  // A command is no review.
  expect(checks()).toEqual([]);
}

describe.concurrent('commands in a workflow', { timeout: 600_000 }, () => {
  test('/simulate is answered, and the job passes although a budget is exceeded', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { roles });
    const comment = write(given, '/simulate int8');
    const result = await run(given, comment);
    expectValid(given);
    expect([result.exitCode, reactions(comment)]).toEqual([0, ['eyes', 'rocket']]);
    const [answer] = ours(given);
    expect(answer?.body).toContain('`/simulate int8`: `models/detector.onnx` would exceed 1 of 2 budgets');
    expect(answer?.body).toContain(given.headSha());
    expect(result.outputs['comment-url']).toContain(String(answer?.id));
    expect(result.summary).toContain('would exceed 1 of 2 budgets');
    // Delivered again, or the job run again.
    await run(given, comment);
    expect([ours(given).length, reactions(comment)]).toEqual([1, ['eyes', 'rocket']]);
  });

  test('a mistake, and a person who may not: told, and no failed job', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { roles });
    const slip = write(given, '/budget staus');
    const stranger = write(given, '/budget status', { login: 'stranger', app: null });
    const results = [await run(given, slip), await run(given, stranger)];
    expectValid(given);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect([slip, stranger].map(reactions)).toEqual([
      ['eyes', 'confused'],
      ['eyes', 'confused'],
    ]);
    expect(ours(given).map(({ body }) => body)).toEqual([
      expect.stringContaining('(did you mean "status"?)'),
      expect.stringContaining('this needs the role write in the repository'),
    ]);
  });

  test('comments that are for nobody here: no request at all', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { roles });
    const bot = { login: 'other[bot]', app: { slug: 'other', id: 9, name: 'Other' } };
    const events = [
      issueCommentEvent(given.standIn.world, write(given, 'looks good')),
      issueCommentEvent(given.standIn.world, write(given, '/budget status', bot)),
      issueCommentEvent(given.standIn.world, write(given, '/budget status'), 'edited'),
    ];
    given.standIn.state.pullRequests[0]!.state = 'closed';
    events.push(issueCommentEvent(given.standIn.world, write(given, '/budget status')));
    for (const event of events) expect((await given.run({ event })).exitCode).toBe(0);
    expect(given.standIn.requests).toEqual([]);
  });

  test('the pull request is closed, or its head moves, between the event and the work', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { roles });
    const moved = issueCommentEvent(given.standIn.world, write(given, '/model-budget help'));
    given.repository.commit('change', { 'README.md': 'new' });
    await given.run({ event: moved });
    expect(ours(given).map(({ body }) => body)).toEqual([expect.stringContaining(given.headSha())]);
    const late = issueCommentEvent(given.standIn.world, write(given, '/budget status'));
    given.standIn.state.pullRequests[0]!.state = 'closed';
    expect((await given.run({ event: late })).exitCode).toBe(0);
    expect(ours(given)).toHaveLength(1);
    expectValid(given);
  });

  test('a token that may not write: the answer is in the summary, with the lines to add', async ({
    onTestFinished,
  }) => {
    const token = workflowToken({ contents: 'read', pull_requests: 'read' });
    const given = await scenario(onTestFinished, { roles, token });
    const result = await run(given, write(given, '/model-budget help'));
    expectValid(given);
    expect([result.exitCode, ours(given)]).toEqual([0, []]);
    expect(result.summary).toContain('6 commands');
    expect(result.summary).toContain('  pull-requests: write   # missing');
  });

  test('each call fails once: answered once all the same', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { roles, failEachCallOnce: 502 });
    const comment = write(given, '/model-budget help');
    const result = await run(given, comment);
    expectValid(given);
    expect([result.exitCode, ours(given).length, reactions(comment)]).toEqual([0, 1, ['eyes', 'rocket']]);
  });

  test('an answer that got lost on its way is not given twice', async ({ onTestFinished }) => {
    const lost = { method: 'POST', path: /\/issues\/7\/comments$/, status: 502, applied: true };
    const given = await scenario(onTestFinished, { roles, faults: [lost] });
    const result = await run(given, write(given, '/model-budget help'));
    expectValid(given);
    expect([result.exitCode, ours(given).length]).toEqual([0, 1]);
  });
});
