/** Accepting, whatever comes twice or dies on the way: one waiver, one answer, and the check that goes with it. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test, type TestContext } from 'vitest';
import { decodeRecords } from '../../src/github/waivers/record.ts';
import { configPath, fixture, modelPath, tightConfig } from '../action/scenario.ts';
import { buttonEvent, issueCommentEvent, pullRequestEvent } from '../stand-in/events.ts';
import { addComment, type Comment } from '../stand-in/state.ts';
import { appScenario, eventually, expectSound, idle, type AppProcess, type AppScenario } from './scenario.ts';

const slow = { timeout: 600_000 };
const patience = 180;
const words = '/budget accept latency because we ship';

interface Given extends AppScenario {
  /** Ends the App before it hears what became of the request that is the `count`-th of its kind from now on. */
  readonly killAt: (request: RegExp, count: number) => void;
  readonly killed: () => Promise<void>;
  /** Lets the next such request wait, until checks were written to so many times or the time is over. */
  readonly holdAt: (request: RegExp, hold: { readonly writes: number; readonly seconds: number }) => void;
  readonly held: () => Promise<void>;
}

/** A pull request whose check is there and fails. Maintainers may accept, writers may not. */
async function reviewed(onTestFinished: TestContext['onTestFinished']): Promise<Given> {
  let app: AppProcess | null = null;
  let moment: { request: RegExp; count: number } | null = null;
  let death: Promise<void> | null = null;
  let hold: { request: RegExp; writes: number; seconds: number } | null = null;
  let writes = 0;
  const scenario = await appScenario(onTestFinished, {
    base: { [modelPath]: fixture('detector-nearest'), [configPath]: `${tightConfig}waivers: { who: maintain }\n` },
    roles: { max: 'maintain', ada: 'write' },
    onRequest: async ({ method, path }) => {
      const call = `${method} ${path}`;
      if (/^PATCH .*check-runs/.test(call)) writes += 1;
      if (hold?.request.test(call) === true) {
        const [most, end] = [writes + hold.writes, Date.now() + hold.seconds * 1000];
        hold = null;
        while (writes < most && Date.now() < end) await wait(100);
      }
      if (moment?.request.test(call) !== true || (moment.count -= 1) > 0) return;
      moment = null;
      death = app!.kill();
    },
  });
  app = await scenario.start();
  await scenario.deliver(pullRequestEvent(scenario.standIn.world, 7, { action: 'opened' }));
  await idle(scenario, patience);
  return {
    ...scenario,
    killAt: (request, count) => void (moment = { request, count }),
    killed: async () => {
      await eventually(() => expect(death).not.toBeNull(), patience);
      await death;
    },
    holdAt: (request, until) => void (hold = { request, ...until }),
    held: () => eventually(() => expect(hold).toBeNull(), patience),
  };
}

function say({ standIn }: Given, login: string): Comment {
  return addComment(standIn.world, 7, { login, app: null }, words);
}

function told(scenario: Given, comment: Comment): Promise<number | null> {
  return scenario.deliver(issueCommentEvent(scenario.standIn.world, comment));
}

function press(scenario: Given, login: string, identifier = 'accept', nth = 0): Promise<number | null> {
  return scenario.deliver(buttonEvent(scenario.standIn.world, scenario.checks()[nth]!, { login, identifier }));
}

/** Of the newest check: how it ended, and whose waivers it keeps. */
function end({ checks }: Given) {
  const { conclusion, text } = checks().at(-1)!;
  return { conclusion, kept: decodeRecords(text ?? '')?.records.map(({ id, who }) => `${id} by ${who}`) };
}

/** First lines of our comments behind the review's own. */
const answers = ({ comments }: Given) =>
  comments()
    .filter(({ author, body }) => author.app !== null && body.includes(' command='))
    .map(({ body }) => body.split('\n')[0]);

describe.concurrent('an acceptance', slow, () => {
  test('whose comment is delivered three times, two of them at once', async ({ onTestFinished }) => {
    const given = await reviewed(onTestFinished);
    const comment = say(given, 'max');
    await Promise.all([told(given, comment), told(given, comment)]);
    await idle(given, patience);
    await told(given, comment);
    await idle(given, patience);
    expect(end(given)).toEqual({ conclusion: 'success', kept: [`comment-${comment.id} by max`] });
    expect(answers(given)).toEqual([expect.stringContaining('accepted: ')]);
    expect(comment.reactions.map(({ content }) => content)).toEqual(['eyes', 'rocket']);
    expectSound(given);
  });

  test('whose button is pressed twice at once, and its event delivered again', async ({ onTestFinished }) => {
    const given = await reviewed(onTestFinished);
    const [check] = given.checks();
    await Promise.all([press(given, 'max'), press(given, 'max')]);
    await idle(given, patience);
    await press(given, 'max');
    await idle(given, patience);
    expect(end(given)).toEqual({ conclusion: 'success', kept: [`button-${check!.id}-latency by max`] });
    expect(answers(given)).toEqual([]);
    expectSound(given);
  });

  test('by who may counts, though somebody who may not presses the same button before and behind them', async ({
    onTestFinished,
  }) => {
    const given = await reviewed(onTestFinished);
    const [check] = given.checks();
    // The second and the third wait while the first is looked at.
    given.holdAt(/^GET .*\/pulls\?/, { writes: 1, seconds: 5 });
    await press(given, 'ada');
    await given.held();
    await press(given, 'max');
    await press(given, 'ada');
    await idle(given, patience);
    expect(end(given)).toEqual({ conclusion: 'success', kept: [`button-${check!.id}-latency by max`] });
    expect(answers(given)).toEqual([expect.stringContaining('this needs the role maintain')]);
    expectSound(given);
  });

  test('by button while the same head is reviewed again is not forgotten by that review', async ({
    onTestFinished,
  }) => {
    const given = await reviewed(onTestFinished);
    const [check] = given.checks();
    // The review has read what there is of waivers by then.
    given.holdAt(/^GET .*\/compare\//, { writes: 2, seconds: 30 });
    await given.deliver(pullRequestEvent(given.standIn.world, 7, { action: 'reopened' }));
    await given.held();
    await press(given, 'max');
    await idle(given, patience);
    expect(end(given)).toEqual({ conclusion: 'success', kept: [`button-${check!.id}-latency by max`] });
    expectSound(given);
  });

  test('by button and by comment at once is two', async ({ onTestFinished }) => {
    const given = await reviewed(onTestFinished);
    const [check] = given.checks();
    const comment = say(given, 'max');
    await Promise.all([press(given, 'max'), told(given, comment)]);
    await idle(given, patience);
    const { conclusion, kept } = end(given);
    expect(conclusion).toBe('success');
    expect(kept?.toSorted()).toEqual([`button-${check!.id}-latency by max`, `comment-${comment.id} by max`]);
    expectSound(given);
  });
});

describe.concurrent('kill -9 while somebody accepts', slow, () => {
  test.each([
    ['the answer is written', /^POST .*\/comments$/, 1],
    ['the waiver is kept in the check', /^PATCH .*check-runs/, 1],
    ['the check is completed', /^PATCH .*check-runs/, 2],
  ] as const)('by comment, before it hears that %s', async (_, request, count) => {
    const finished: (() => unknown)[] = [];
    try {
      const given = await reviewed((one) => void finished.push(one as () => unknown));
      const comment = say(given, 'max');
      given.killAt(request, count);
      await told(given, comment);
      await given.killed();
      await given.start();
      await idle(given, patience);
      expect(end(given)).toEqual({ conclusion: 'success', kept: [`comment-${comment.id} by max`] });
      expect(answers(given)).toEqual([expect.stringContaining('accepted: ')]);
      expectSound(given);
    } finally {
      for (const one of finished) await one();
    }
  });

  test.each([
    ['the waiver is kept in the check', 1],
    ['the check is completed', 2],
  ] as const)('by button, before it hears that %s', async (_, count) => {
    const finished: (() => unknown)[] = [];
    try {
      const given = await reviewed((one) => void finished.push(one as () => unknown));
      const [check] = given.checks();
      given.killAt(/^PATCH .*check-runs/, count);
      await press(given, 'max');
      await given.killed();
      await given.start();
      await idle(given, patience);
      expect(end(given)).toEqual({ conclusion: 'success', kept: [`button-${check!.id}-latency by max`] });
      expectSound(given);
    } finally {
      for (const one of finished) await one();
    }
  });
});
