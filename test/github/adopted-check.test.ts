/** The check of a run that died, and that of one that is new. */
import { expect, test } from 'vitest';
import { adoptCheck } from '../../src/github/adopted-check.ts';
import { completeCheck, createCheck, type CheckResult } from '../../src/github/check.ts';
import { connectStandIn, requested } from './connection.ts';

/** Of the App that the workflow's token belongs to. */
const appId = 15368;

const result: CheckResult = { conclusion: 'success', title: 'fine', summary: 'fine', annotations: [] };

async function bench() {
  const given = await connectStandIn();
  const headSha = given.repository.git(['rev-parse', 'refs/heads/feature/one']).toString().trim();
  const identity = { name: 'model-budget', headSha, externalId: 'mark' };
  const lists = () => requested(given).filter((path) => path.startsWith('GET commits/')).length;
  return { ...given, identity, lists, checks: () => given.standIn.state.checkRuns };
}

test('a run that finds none makes its own, and looks for others at the end', async () => {
  const given = await bench();
  const check = await adoptCheck(given.github, given.identity, appId);
  expect([check.isAlone ?? false, check.earlier]).toEqual([false, []]);
  expect(await completeCheck(given.github, check, result)).toBe(true);
  expect(given.lists()).toBe(2);
  expect(given.checks()).toMatchObject([{ status: 'completed', conclusion: 'success' }]);
});

test('a later one goes on with what was left, and completes all of it', async () => {
  const given = await bench();
  await createCheck(given.github, given.identity);
  const left = await createCheck(given.github, given.identity);
  const check = await adoptCheck(given.github, given.identity, appId);
  expect([check.id, check.isAlone ?? false, check.earlier?.length]).toEqual([left.id, false, 2]);
  expect(await completeCheck(given.github, check, result)).toBe(true);
  expect(given.checks().map(({ status }) => status)).toEqual(['completed', 'completed']);
});

test('one that GitHub did not list yet when the run came again is found at its end', async () => {
  const given = await bench();
  const check = await adoptCheck(given.github, given.identity, appId);
  // Made by the run that died, and listed late.
  await createCheck(given.github, given.identity);
  expect(await completeCheck(given.github, check, result)).toBe(true);
  expect(given.checks().map(({ status }) => status)).toEqual(['completed', 'completed']);
});

test('where check runs cannot be listed one is made, and nothing is known of others', async () => {
  const given = await bench();
  given.standIn.faults.add({ method: 'GET', path: /check-runs/, status: 500 });
  const check = await adoptCheck(given.github, given.identity, appId);
  expect([check.isAlone ?? false, check.earlier]).toEqual([false, undefined]);
});
