import { describe, expect, test } from 'vitest';
import { completeCheck, createCheck } from '../../../src/github/check.ts';
import { answerButton } from '../../../src/github/conversation/answer-button.ts';
import { buttonsOf, firstFix, fixCommand } from '../../../src/github/conversation/buttons.ts';
import { failedResult } from '../../../src/github/judged.ts';
import { judge } from '../../../src/github/judge.ts';
import { livePullRequest } from '../../../src/github/range.ts';
import { workflowToken } from '../../stand-in/options.ts';
import { temporaryFolder } from '../connection.ts';
import { configPath, dialogue, fixture, headingOf, modelPath, type Dialogue } from './dialogue.ts';

const timeout = 120_000;
const input = { configPath, targets: [] };

/** Its size is too much, which an edit repairs. */
const fixable = {
  base: {
    [modelPath]: fixture('detector-nearest'),
    [configPath]: 'version: 1\ntargets: [rpi4-xnnpack]\nbudgets: [{ metric: size, max: 150 kB }]\n',
  },
  token: workflowToken({ contents: 'read', pull_requests: 'write', checks: 'write' }),
};

async function reviewsOf({ github }: Dialogue) {
  const facts = (await livePullRequest(github, 7))!;
  return judge(github, { kind: 'pull-request', facts }, { settings: input, folder: temporaryFolder() });
}

function press({ github, headSha }: Dialogue, identifier: string, overrides: object = {}) {
  const options = { id: 'default', input, folder: temporaryFolder(), appSlug: null, appId: null, isLastTry: true };
  return answerButton(
    github,
    { identifier, headSha: headSha(), login: 'ada', checkRun: 1, pressedAt: new Date().toISOString(), ...overrides },
    options,
  );
}

describe('which buttons there are', { timeout }, () => {
  test('a fix where one was found, accepting where a budget is exceeded', async () => {
    const names = async (given: Dialogue) => buttonsOf(await reviewsOf(given)).map(({ identifier }) => identifier);
    expect(await names(await dialogue(fixable))).toEqual(['accept', 'try-fix', 'rerun']);
    expect(await names(await dialogue())).toEqual(['accept', 'rerun']);
    expect(await names(await dialogue({ change: { 'README.md': 'more' } }))).toEqual(['rerun']);
    expect(buttonsOf([]).map(({ identifier }) => identifier)).toEqual(['rerun']);
  });

  test('GitHub takes them with the conclusion', async () => {
    const given = await dialogue(fixable);
    const actions = buttonsOf(await reviewsOf(given));
    const check = await createCheck(given.github, { name: 'model-budget', headSha: given.headSha(), externalId: 'x' });
    expect(await completeCheck(given.github, check, { ...failedResult(new Error('no')), actions })).toBe(true);
    expect(given.standIn.state.checkRuns[0]!.actions).toEqual(actions);
    for (const { identifier, label, description } of actions) {
      expect([identifier.length <= 20, label.length <= 20, description.length <= 40]).toEqual([true, true, true]);
    }
  });
});

describe('what a button does', { timeout }, () => {
  test('the fix is simulated, as its command would be', async () => {
    const given = await dialogue(fixable);
    expect(await press(given, 'try-fix')).toMatchObject({ kind: 'success', comment: { kind: 'written' } });
    const [answer] = given.answers();
    expect(headingOf(answer!)).toMatch(
      /^### ✅ `\/simulate .+ model=models\/detector.onnx target=.+` *: .* would meet its budget/,
    );
    await given.say(fixCommand(firstFix((await reviewsOf(given))[0]!)!));
    expect(given.answers()).toHaveLength(1);
  });

  test('running again is for the caller, and for who may write', async () => {
    const given = await dialogue(fixable);
    expect(await press(given, 'rerun')).toEqual({ kind: 'rerun', pullRequest: 7, given: [] });
    expect(await press(given, 'rerun', { login: 'tri' })).toEqual({
      kind: 'ignored',
      reason: 'tri lacks the role write',
    });
    expect((await press(given, 'try-fix', { login: 'tri' })).kind).toBe('ignored');
    expect((await press(given, 'explode')).kind).toBe('ignored');
  });

  test('of a commit that is no head any more, nothing', async () => {
    const given = await dialogue(fixable);
    const old = given.headSha();
    given.repository.commit('change', { 'README.md': 'new' });
    expect((await press(given, 'try-fix', { headSha: old })).kind).toBe('ignored');
    expect(given.answers()).toEqual([]);
  });

  test('nothing to try', async () => {
    const given = await dialogue();
    expect(await press(given, 'try-fix')).toEqual({ kind: 'ignored', reason: 'there is no edit to try any more' });
  });

  test('a path is meant literally', () => {
    const suggestion = { edits: 'int8', touched: [], totals: {} };
    expect(fixCommand({ path: 'a [1]*.onnx', target: 't', suggestion })).toBe(
      '/simulate int8 model="a [[]1][*].onnx" target=t',
    );
  });
});
