import { describe, expect, test } from 'vitest';
import { githubActions, workflowToken } from '../../stand-in/options.ts';
import { addComment } from '../../stand-in/state.ts';
import { mostCommands } from '../../../src/github/conversation/rate-limit.ts';
import { config, configPath, dialogue, fixture, headingOf, modelPath, reactionsOn } from './dialogue.ts';

const timeout = 120_000;
const help = '/model-budget help';
const withConfig = (lines: string) => ({
  base: { [configPath]: config + lines, [modelPath]: fixture('detector-nearest') },
});

describe('nobody is answered', { timeout }, () => {
  test('where there is no command: not even GitHub is asked', async () => {
    const given = await dialogue();
    for (const body of ['hello', '> /simulate int8', '/retest', '/budge over']) {
      expect((await given.answer(given.write(body))).kind).toBe('ignored');
    }
    expect(given.standIn.requests).toEqual([]);
  });

  test('where the config switches commands off', async () => {
    const given = await dialogue(withConfig('commands: { enabled: false }\n'));
    const comment = given.write(help);
    expect(await given.answer(comment)).toEqual({ kind: 'ignored', reason: 'the config switches commands off' });
    expect([reactionsOn(comment), given.answers()]).toEqual([[], []]);
  });

  test('where the pull request is closed', async () => {
    const given = await dialogue({
      pullRequests: [{ number: 7, head: { ref: 'change' }, base: 'main', state: 'closed' }],
    });
    expect(await given.answer(given.write(help))).toMatchObject({ reason: 'pull request #7 is not open' });
    expect(given.answers()).toEqual([]);
  });
});

describe('who may ask', { timeout }, () => {
  test('less than the config asks for: told which role is needed, in one comment for each person', async () => {
    const given = await dialogue();
    for (const login of ['tri', 'tri', 'stranger']) {
      const { kind, asked } = await given.say(help, login);
      expect([kind, reactionsOn(asked)]).toEqual(['refused', ['eyes', 'confused']]);
    }
    expect(given.answers().map(headingOf)).toEqual([
      '### 😕 `/model-budget help`: this needs the role write in the repository',
      '### 😕 `/model-budget help`: this needs the role write in the repository',
    ]);
  });

  test.each([
    ['maintain', 'ada', 'refused'],
    ['maintain', 'max', 'success'],
    ['triage', 'tri', 'success'],
    ['admin', 'acme', 'success'],
    ['read', 'stranger', 'success'],
  ])('with minPermission %s, %s: %s', async (needed, login, kind) => {
    const given = await dialogue(withConfig(`commands: { minPermission: ${needed} }\n`));
    expect((await given.say(help, login)).kind).toBe(kind);
  });

  test('somebody whom the repository does not know', async () => {
    const given = await dialogue();
    given.standIn.faults.add({ path: /\/permission$/, status: 404, body: { message: 'Not Found' } });
    expect((await given.say(help)).kind).toBe('refused');
  });

  test('not more often than the limit, counted from the comments', async () => {
    const given = await dialogue();
    for (let count = 1; count < mostCommands; count += 1) given.write(help);
    given.write('no command');
    given.write(help, 'max');
    expect((await given.say(help)).kind).toBe('success');
    const { kind, page, asked } = await given.say(help);
    expect([kind, reactionsOn(asked)]).toEqual(['refused', ['eyes', 'confused']]);
    expect(page).toContain('more than 10 commands in 10 minutes');
    expect((await given.say(help, 'max')).kind).toBe('success');
  });
});

describe('one answer, whatever happens', { timeout }, () => {
  test('the same comment delivered twice', async () => {
    const given = await dialogue();
    const comment = given.write(help);
    for (const _ of [1, 2]) await given.answer(comment);
    expect([given.answers().length, reactionsOn(comment)]).toEqual([1, ['eyes', 'rocket']]);
    const both = given.write('/budget status');
    await Promise.all([given.answer(both), given.answer(both)]);
    expect([given.answers().length, reactionsOn(both)]).toEqual([2, ['eyes', 'rocket']]);
  });

  test('ten slips are one comment, with the last', async () => {
    const given = await dialogue();
    for (const line of ['/simulate in8', '/budget staus', '/optimise']) await given.say(line);
    expect(given.answers().map(headingOf)).toEqual([
      '### 😕 `/optimise`: there is no `/optimise` (did you mean `/optimize`?)',
    ]);
  });

  test('a marker of somebody else is no answer of ours, and the review keeps its comment', async () => {
    const given = await dialogue();
    await given.say(help);
    const [own] = given.answers();
    const marker = own!.body.split('\n').at(-1)!;
    given.standIn.state.comments.splice(given.standIn.state.comments.indexOf(own!), 1);
    const forged = given.write(`mine\n\n${marker}`, 'eve');
    const review = addComment(
      given.standIn.world,
      7,
      { login: 'github-actions[bot]', app: githubActions },
      `A review\n\n<!-- model-budget:v1 id=default head=${given.headSha()} -->`,
    );
    await given.say(help);
    expect([forged.body.startsWith('mine'), review.body.startsWith('A review'), given.answers().length]).toEqual([
      true,
      true,
      2,
    ]);
  });

  test('a head that moves before the work is the one that is answered about, one that moves during it is told', async () => {
    let moves = false;
    const given = await dialogue({
      onRequest: ({ path }) => {
        if (!moves || !path.includes('/git/blobs/')) return;
        moves = false;
        given.repository.commit('change', { 'README.md': 'more' });
      },
    });
    const comment = given.write('/budget status');
    given.repository.commit('change', { 'README.md': 'new' });
    moves = true;
    const old = given.headSha();
    await given.answer(comment);
    expect(old).not.toBe(given.headSha());
    const [answer] = given.answers();
    expect(answer!.body.split('\n')[2]).toBe(
      `**The head moved meanwhile:** this is about \`${old}\`, the head is \`${given.headSha()}\` by now. Ask again for an answer about that.`,
    );
    await given.answer(comment);
    expect(
      given.answers().map(({ body }) => [body.includes('moved meanwhile'), body.includes(given.headSha())]),
    ).toEqual([[false, true]]);
  });

  test('an answer about an older head leaves a newer one alone', async () => {
    let moves = true;
    const given = await dialogue({
      onRequest: async ({ path }) => {
        if (!moves || !path.includes('/git/blobs/')) return;
        moves = false;
        given.repository.commit('change', { 'README.md': 'more' });
        await given.answer(comment);
      },
    });
    const comment = given.write('/budget status');
    const outcome = await given.answer(comment);
    expect(outcome).toMatchObject({ comment: { kind: 'left' } });
    expect(given.answers()).toHaveLength(1);
    expect(given.answers()[0]!.body).not.toContain('moved meanwhile');
  });
});

describe('what cannot be had', { timeout }, () => {
  test('a config that cannot be read: nothing is answered but why', async () => {
    const given = await dialogue({ base: { [configPath]: 'version: 2\n', [modelPath]: fixture('detector-nearest') } });
    const { kind, page } = await given.say('/budget status');
    expect(kind).toBe('refused');
    expect(page).toContain('model-budget.yml:1');
  });

  test('a token that may not write: the answer is there for whoever tells it', async () => {
    const given = await dialogue({ token: workflowToken({ contents: 'read', pull_requests: 'read' }) });
    const { kind, comment, reactionRefused, page } = await given.say(help);
    expect([kind, comment.kind, reactionRefused]).toEqual(['success', 'refused', true]);
    expect(page).toContain('6 commands');
    expect(given.answers()).toEqual([]);
  });

  test('a reaction that fails takes nothing along', async () => {
    const given = await dialogue({ faults: [{ path: /\/reactions$/, status: 502, times: 9 }] });
    expect((await given.say(help)).kind).toBe('success');
    expect(given.answers()).toHaveLength(1);
  });

  test('GitHub breaks: thrown where somebody tries again, told where not', async () => {
    const given = await dialogue({ faults: [{ path: /\/permission$/, status: 500, times: 99 }] });
    const comment = given.write('/budget status');
    await expect(given.answer(comment, { isLastTry: false })).rejects.toThrow();
    expect([given.answers(), reactionsOn(comment)]).toEqual([[], ['eyes']]);
    const last = await given.answer(comment);
    expect([last.kind, reactionsOn(comment)]).toEqual(['failed', ['eyes', 'confused']]);
    expect(given.answers()[0]!.body).toContain('API does not answer as it should');
  });

  test('an answer that cannot be written is thrown where somebody tries again', async () => {
    const given = await dialogue({ faults: [{ method: 'POST', path: /\/comments$/, status: 500 }] });
    const comment = given.write(help);
    await expect(given.answer(comment, { isLastTry: false })).rejects.toThrow('the answer could not be written');
    await given.answer(comment, { isLastTry: false });
    expect([given.answers().length, reactionsOn(comment)]).toEqual([1, ['eyes', 'rocket']]);
  });
});
