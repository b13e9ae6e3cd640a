/** The Action's inputs, as `action.yml` declares them. */
import { getInput } from '@actions/core';
import { posix } from 'node:path';
import { chartHosts, commentTimes, defaultConfigPath, type Config } from '../config/record.ts';
import { UserError } from '../errors.ts';
import type { SettingsInput } from '../github/settings.ts';
import { didYouMean } from '../near-miss.ts';

export interface Inputs {
  readonly settings: SettingsInput;
  readonly failOn: 'fail' | 'never';
}

/** Needed before anything can be said in the pull request. @throws UserError */
export function readToken(): string {
  const token = getInput('token');
  if (token === '') throw new UserError('the input "token" is empty; leave it out to use the token of the workflow');
  return token;
}

/** A part of the check's name and of the comment's marker; undefined where the input is no such word. */
export function readId(): string | undefined {
  const id = getInput('id') || 'default';
  return /^[\w.-]{1,60}$/.test(id) ? id : undefined;
}

/** @throws UserError for an input that is not one of the words it may be. */
export function readInputs(): Inputs {
  if (readId() === undefined) throw new UserError('the input "id" must be up to 60 letters, digits, ".", "_" or "-"');
  const comment = word<Config['comment']['when']>('comment', commentTimes);
  const charts = word<Config['charts']>('charts', chartHosts);
  return {
    settings: {
      configPath: repositoryPath(getInput('config') || defaultConfigPath),
      targets: getInput('targets')
        .split(/[,\s]+/)
        .filter((id) => id !== ''),
      ...(comment === undefined ? {} : { comment }),
      ...(charts === undefined ? {} : { charts }),
    },
    failOn: word<Inputs['failOn']>('fail-on', ['fail', 'never']) ?? 'fail',
  };
}

function word<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
  const given = getInput(name);
  if (given === '') return undefined;
  const known = words.find((one) => one === given);
  if (known !== undefined) return known;
  throw new UserError(`the input "${name}" is "${given}"${didYouMean(given, words)}; it may be ${words.join(', ')}`);
}

/** In git's own form: `a//b` is nowhere in a tree, and a config that is nowhere means that there are no budgets. */
function repositoryPath(path: string): string {
  const plain = posix.normalize(path).replace(/\/$/, '');
  if (plain === '.' || plain.startsWith('/') || plain.split('/').includes('..')) {
    throw new UserError(`the input "config" must be a path inside of the repository, not ${path}`);
  }
  return plain;
}
