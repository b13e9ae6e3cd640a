import { afterEach, describe, expect, test, vi } from 'vitest';
import { readId, readInputs, readToken } from '../../src/action/inputs.ts';
import { UserError } from '../../src/errors.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** As a runner gives them. */
function given(inputs: Readonly<Record<string, string>>): void {
  for (const name of ['config', 'targets', 'id', 'comment', 'charts', 'fail-on', 'token']) {
    vi.stubEnv(`INPUT_${name.toUpperCase()}`, inputs[name] ?? '');
  }
}

describe('the inputs', () => {
  test('have the defaults of the action', () => {
    given({});
    expect(readInputs()).toEqual({ settings: { configPath: '.github/model-budget.yml', targets: [] }, failOn: 'fail' });
    expect(readId()).toBe('default');
  });

  test('are read as they are', () => {
    given({
      ...{ config: 'ci/budgets.yml', targets: ' a, b\nc ,,d', comment: 'always', charts: 'off' },
      ...{ 'fail-on': 'never', id: 'nightly_2.x-y', token: 't' },
    });
    expect(readInputs()).toEqual({
      settings: { configPath: 'ci/budgets.yml', targets: ['a', 'b', 'c', 'd'], comment: 'always', charts: 'off' },
      failOn: 'never',
    });
    expect([readId(), readToken()]).toEqual(['nightly_2.x-y', 't']);
  });

  test.each([
    ['./a/b.yml', 'a/b.yml'],
    ['a//b.yml', 'a/b.yml'],
    ['a/./b.yml', 'a/b.yml'],
    ['a/c/../b.yml', 'a/b.yml'],
    ['a/', 'a'],
  ])("name the config in git's own form: %s", (config, configPath) => {
    given({ config });
    expect(readInputs().settings.configPath).toBe(configPath);
  });

  test.each(['/etc/passwd', '../x.yml', 'a/../../x.yml', '.', './', 'a/..'])('name no config outside: %s', (config) => {
    given({ config });
    expect(() => readInputs()).toThrow(UserError);
  });

  test.each([
    ['comment', 'allways', /the input "comment" is "allways".*always/],
    ['charts', 'png', /the input "charts" is "png".*auto, branch, app, quickchart, mermaid, text, off/],
    ['fail-on', 'false', /the input "fail-on" is "false".*fail, never/],
    ['fail-on', 'Never', /the input "fail-on" is "Never"/],
    ['id', 'a b', /the input "id" must be up to 60 letters/],
    ['id', 'x'.repeat(61), /the input "id" must be/],
    ['id', '--><script>', /the input "id" must be/],
    ['id', 'x\n', undefined],
  ])('%s: %s', (name, value, words) => {
    given({ [name]: value });
    if (words === undefined) expect(readInputs().failOn).toBe('fail');
    else expect(() => readInputs()).toThrow(words);
  });

  test('need a token', () => {
    given({});
    expect(() => readToken()).toThrow(UserError);
  });
});
