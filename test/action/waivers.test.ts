import { describe, expect, test, type TestContext } from 'vitest';
import { decodeRecords, encodeRecords, type WaiverRecord } from '../../src/github/waivers/record.ts';
import { mergeGroupEvent, pullRequestEvent } from '../stand-in/events.ts';
import type { ActionRun } from '../stand-in/run-action.ts';
import type { CheckRun, Comment } from '../stand-in/state.ts';
import { addCheck, comment, ownApp, recordOfComment } from '../github/waivers/given.ts';
import {
  configPath,
  expectSound,
  fixture,
  modelPath,
  scenario,
  tightConfig,
  withoutPictures,
  type Scenario,
  type ScenarioOptions,
} from './scenario.ts';

const roles = { maintainer: 'maintain', writer: 'write' };
const target = 'ethos-u55-256';
/** Far above what the detector takes. */
const accepted = [{ model: modelPath, target, actual: 1 }];

interface Given extends Scenario {
  /** A push of another file, and the run that it starts. */
  readonly pushAndRun: (options?: { readonly from?: string }) => Promise<ActionRun>;
  /** What an earlier run kept on the head. */
  readonly keep: (records: readonly WaiverRecord[], changed?: Partial<CheckRun>) => void;
  /** Of the newest check. */
  readonly kept: () => readonly WaiverRecord[] | undefined;
  readonly said: (login?: string) => Comment;
}

async function given(onTestFinished: TestContext['onTestFinished'], options: ScenarioOptions = {}): Promise<Given> {
  const made = await scenario(onTestFinished, { roles, ...options });
  const { standIn, repository, headSha } = made;
  return {
    ...made,
    pushAndRun: ({ from } = {}) => {
      const before = headSha();
      const again = { [modelPath]: fixture('detector-cubic'), 'notes.md': before };
      if (from === undefined) repository.commit('change', { 'notes.md': before });
      else repository.commit('change', again, { from });
      const event = pullRequestEvent(standIn.world, 7, { action: 'synchronize', before });
      return made.run({ event, inputs: withoutPictures });
    },
    keep: (records, changed = {}) => {
      const { text } = encodeRecords({ pullRequests: [7], records });
      addCheck(standIn.world, headSha(), { text, ...changed });
    },
    kept: () => decodeRecords(standIn.state.checkRuns.at(-1)?.text ?? '')?.records,
    said: (login = 'maintainer') => comment(standIn.world, 7, login),
  };
}

const commentOf = ({ comments }: Given): string =>
  comments().find(({ body }) => body.includes('model-budget:v1'))?.body ?? '';

describe.concurrent('a waiver', { timeout: 600_000 }, () => {
  test('that an earlier run kept holds through pushes and a rebase, and is told everywhere', async ({
    onTestFinished,
  }) => {
    const here = await given(onTestFinished);
    const opened = await here.run({ inputs: withoutPictures });
    expect([opened.exitCode, here.kept()]).toEqual([1, []]);
    const record = recordOfComment(here.said(), { values: accepted });
    here.keep([record]);
    const pushed = await here.pushAndRun();
    expect([pushed.exitCode, pushed.outputs.verdict]).toEqual([0, 'waived']);
    expect(here.kept()).toEqual([record]);
    const told = `accepted up to 1.00 s by \`maintainer\` until \`${record.until}\`: the new camera needs it`;
    expect(commentOf(here)).toContain(told);
    expect(here.checks().at(-1)).toMatchObject({
      ...{ conclusion: 'success', summary: expect.stringContaining(told) as string },
      text: expect.stringContaining(`on \`${target}\` up to 1.00 s, in pull request #7: accepted by`) as string,
    });
    const rebased = await here.pushAndRun({ from: 'main' });
    expect([rebased.exitCode, rebased.outputs.verdict, here.kept()]).toEqual([0, 'waived', [record]]);
    expectSound(here);
  });

  test('lapses where the numbers are worse, and where its time is over; both are said', async ({ onTestFinished }) => {
    const here = await given(onTestFinished);
    const first = here.said();
    const record = recordOfComment(first, { values: [{ ...accepted[0]!, actual: 1e-3 }] });
    here.keep([record]);
    const worse = await here.pushAndRun();
    expect([worse.exitCode, worse.outputs.verdict, here.kept()]).toEqual([1, 'fail', [record]]);
    expect(commentOf(here)).toMatch(
      /a waiver by `maintainer` lapsed: it was given for 1.00 ms, and now it is 2\.\d+ ms/,
    );
    const day = (days: number) => `${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19)}Z`;
    here.standIn.state.comments.splice(here.standIn.state.comments.indexOf(first), 1);
    const old = { ...here.said(), createdAt: day(31), updatedAt: day(31) };
    here.standIn.state.comments.splice(-1, 1, old);
    // The config lets it live 30 days, whatever its own record says.
    here.keep([recordOfComment(old, { values: accepted, until: '2099-01-01' })]);
    const late = await here.pushAndRun();
    expect([late.exitCode, late.outputs.verdict]).toEqual([1, 'fail']);
    expect(commentOf(here)).toContain('no longer counts: the comment was deleted');
    expect(commentOf(here)).toContain(`lapsed: its last day was \`${day(1).slice(0, 10)}\``);
    expectSound(here);
  });

  test('counts in the merge queue', async ({ onTestFinished }) => {
    const here = await given(onTestFinished);
    here.keep([recordOfComment(here.said(), { values: accepted })]);
    const event = mergeGroupEvent(here.standIn.world, [7]);
    const run = await here.run({ event, inputs: withoutPictures });
    expect([run.exitCode, run.outputs.verdict]).toEqual([0, 'waived']);
    expect(here.standIn.violations).toEqual([]);
  });

  test('is kept by runs that end badly', async ({ onTestFinished }) => {
    const here = await given(onTestFinished);
    const record = recordOfComment(here.said(), { values: accepted });
    here.keep([record]);
    here.repository.commit('main', { [configPath]: tightConfig.replace('1 ms', '5 parsecs') });
    const broken = await here.pushAndRun();
    expect([broken.exitCode, here.kept()]).toEqual([1, [record]]);
    here.repository.commit('main', { [configPath]: tightConfig });
    here.standIn.faults.add({ method: 'GET', path: /\/compare\//, status: 404, times: 1 });
    const unread = await here.pushAndRun();
    expect([unread.exitCode, here.checks().at(-1)?.title, here.kept()]).toEqual([
      ...[1, '❌ model-budget: the change could not be judged', [record]],
    ]);
    const again = await here.pushAndRun();
    expect([again.exitCode, again.outputs.verdict]).toEqual([0, 'waived']);
    expectSound(here);
  });

  test('of a model whose name looks like a record is read as what it is', async ({ onTestFinished }) => {
    const forged = 'models/<!-- model-budget-waivers:v1 {"pullRequests":[7],"records":[]} -->.onnx';
    const here = await given(onTestFinished, {
      base: { [forged]: fixture('detector-nearest'), [configPath]: tightConfig },
      change: { [forged]: fixture('detector-cubic') },
    });
    const record = recordOfComment(here.said(), { values: [{ ...accepted[0]!, model: forged }] });
    here.keep([record]);
    const run = await here.run({ inputs: withoutPictures });
    expect([run.exitCode, run.outputs.verdict, here.kept()]).toEqual([0, 'waived', [record]]);
    expectSound(here);
  });
});

describe.concurrent('no waiver', { timeout: 600_000 }, () => {
  const cases: readonly [string, RegExp | null, (here: Given) => void][] = [
    [
      'in a check of another App',
      null,
      (here) => here.keep([recordOfComment(here.said(), { values: accepted })], { app: ownApp }),
    ],
    [
      'of a comment that was edited',
      /the comment was edited/,
      (here) => {
        const said = here.said();
        here.keep([recordOfComment(said, { values: accepted })]);
        said.updatedAt = '2099-01-01T00:00:00Z';
      },
    ],
    [
      'by somebody else than the comment',
      /the comment is by somebody else/,
      (here) => here.keep([recordOfComment(here.said('writer'), { values: accepted, who: 'maintainer' })]),
    ],
    [
      'by somebody who may not any more',
      /`waivers\.who` asks for the permission "?`?"?maintain/,
      (here) => here.keep([recordOfComment(here.said('writer'), { values: accepted })]),
    ],
    [
      "in a check that another workflow made up: there is no such comment, nor a workflow's button",
      /the comment was deleted/,
      (here) => {
        const none = { ...here.said(), id: 1 };
        here.standIn.state.comments.splice(0);
        const button = recordOfComment(none, { values: accepted, id: 'button-3', who: 'maintainer' });
        here.keep([recordOfComment(none, { values: accepted }), button], { externalId: 'another' });
      },
    ],
  ];

  test.for(cases)('counts %s', async ([, note, prepare], { onTestFinished }) => {
    const here = await given(onTestFinished);
    prepare(here);
    const run = await here.pushAndRun();
    expect([run.exitCode, run.outputs.verdict, here.kept()]).toEqual([1, 'fail', []]);
    if (note === null) expect(commentOf(here)).not.toMatch(/a waiver/i);
    else expect(commentOf(here)).toMatch(note);
    expectSound(here);
  });
});
