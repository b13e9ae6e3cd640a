/** Commands and buttons, from the webhook to the answer and the verdict that it changes. */
import { describe, expect, test } from 'vitest';
import { configPath, fixture, modelPath, tightConfig } from '../action/scenario.ts';
import { buttonEvent, issueCommentEvent, pullRequestEvent } from '../stand-in/events.ts';
import { addComment } from '../stand-in/state.ts';
import { appScenario, idle, type AppScenario } from './scenario.ts';

const slow = { timeout: 600_000 };

async function reviewed(onTestFinished: Parameters<typeof appScenario>[0]): Promise<AppScenario> {
  const scenario = await appScenario(onTestFinished, {
    base: { [modelPath]: fixture('detector-nearest'), [configPath]: `${tightConfig}waivers: { who: maintain }\n` },
    roles: { max: 'maintain', ada: 'write' },
  });
  await scenario.start();
  await scenario.deliver(pullRequestEvent(scenario.standIn.world, 7, { action: 'opened' }));
  await idle(scenario);
  return scenario;
}

async function say(scenario: AppScenario, login: string, body: string): Promise<readonly string[]> {
  const { world } = scenario.standIn;
  const comment = addComment(world, 7, { login, app: null }, body);
  await scenario.deliver(issueCommentEvent(world, comment));
  await idle(scenario);
  return comment.reactions.map(({ content }) => content);
}

async function press(scenario: AppScenario, login: string, identifier: string): Promise<void> {
  const check = scenario.checks().at(-1)!;
  await scenario.deliver(buttonEvent(scenario.standIn.world, check, { login, identifier }));
  await idle(scenario);
}

const headings = ({ comments }: AppScenario) =>
  comments()
    .filter(({ author }) => author.app !== null)
    .map(({ body }) => body.split('\n')[0]);

describe.concurrent('commands', slow, () => {
  test('are answered, and accepting makes the check pass; the comment of the acceptance is read again', async ({
    onTestFinished,
  }) => {
    const scenario = await reviewed(onTestFinished);
    expect(await say(scenario, 'ada', '/simulate int8')).toEqual(['eyes', 'rocket']);
    expect(headings(scenario)).toHaveLength(2);
    // Writers may ask, and not accept.
    expect(await say(scenario, 'ada', '/budget accept latency because we ship')).toEqual(['eyes', 'confused']);
    expect(scenario.checks().map(({ conclusion }) => conclusion)).toEqual(['failure']);
    expect(await say(scenario, 'max', '/budget accept latency because we ship')).toEqual(['eyes', 'rocket']);
    expect(scenario.checks().map(({ conclusion }) => conclusion)).toEqual(['failure', 'success']);
    const [review] = scenario.comments();
    expect(review?.body).toMatch(/accepted up to .* by `max` until/);
    // Whoever asks hears what the check says.
    expect(await say(scenario, 'ada', '/budget status')).toEqual(['eyes', 'rocket']);
    expect(headings(scenario).at(-1)).toContain('exceeds 1 of 2 budgets, accepted,');
    // A push that changes nothing keeps it.
    const before = scenario.headSha();
    scenario.repository.commit('change', { 'README.md': 'words' });
    await scenario.deliver(pullRequestEvent(scenario.standIn.world, 7, { action: 'synchronize', before }));
    await idle(scenario);
    expect(scenario.checks().at(-1)).toMatchObject({ conclusion: 'success', headSha: scenario.headSha() });
    expect(scenario.standIn.violations).toEqual([]);
  });
});

describe.concurrent('buttons', slow, () => {
  test('run again, and accept for who may', async ({ onTestFinished }) => {
    const scenario = await reviewed(onTestFinished);
    const [check] = scenario.checks();
    expect(check?.actions.map((action) => (action as { identifier: string }).identifier)).toEqual(['accept', 'rerun']);
    await press(scenario, 'ada', 'rerun');
    expect(scenario.checks().map(({ conclusion }) => conclusion)).toEqual(['failure', 'failure']);
    await press(scenario, 'ada', 'accept');
    expect(headings(scenario).at(-1)).toContain('maintain');
    expect(scenario.checks()).toHaveLength(2);
    await press(scenario, 'max', 'accept');
    expect(scenario.checks().at(-1)?.conclusion).toBe('success');
    expect(scenario.checks().at(-1)?.text).toContain('accepted by button');
    expect(scenario.standIn.violations).toEqual([]);
  });
});
