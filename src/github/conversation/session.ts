/** A pull request that somebody speaks to: its live head, and the settings that bind. */
import { UserError } from '../../errors.ts';
import type { GitHub } from '../client.ts';
import type { Fetching } from '../models.ts';
import { objectStore, type StoreCache } from '../objects.ts';
import { livePullRequest, rangeOf, type LivePullRequest, type PullRequestRange } from '../range.ts';
import { readSettings, type Settings, type SettingsInput } from '../settings.ts';
import { commitFiles } from '../tree.ts';

export interface ConversationOptions {
  /** Of the invocation, as in the review's marker. */
  readonly id: string;
  readonly input: SettingsInput;
  /** Where objects lie while the answer needs them. */
  readonly folder: string;
  readonly cache?: Pick<StoreCache, 'restore'> | undefined;
  /** Of the App that the token belongs to, where that is known. */
  readonly appSlug: string | null;
  /** Its id; null: nobody said, as in a workflow, whose App is GitHub Actions. */
  readonly appId: number | null;
  /**
   * True: what breaks is told in the pull request. False: it is thrown before anything is told, since the caller will try again.
   */
  readonly isLastTry: boolean;
}

export interface Session {
  readonly live: LivePullRequest;
  readonly fetching: Fetching;
  /** Or, in one line, why there are none: nothing can be answered then. */
  readonly ground: Ground | string;
}

export interface Ground {
  readonly range: PullRequestRange;
  readonly settings: Settings;
}

/** Or why nobody is to be answered. */
export async function openSession(
  github: GitHub,
  pullRequest: number,
  options: ConversationOptions,
): Promise<Session | string> {
  const live = await livePullRequest(github, pullRequest);
  if (live === null) return `pull request #${pullRequest} cannot be read`;
  if (!live.isOpen) return `pull request #${pullRequest} is not open`;
  const cache = options.cache === undefined ? undefined : { restore: options.cache.restore };
  const fetching = { github, store: objectStore(github, options.folder, cache) };
  const ground = await groundOf(fetching, live, options.input).catch((error: unknown) => {
    if (error instanceof UserError) return error.message;
    throw error;
  });
  if (typeof ground !== 'string' && !ground.settings.config.commands.enabled) return 'the config switches commands off';
  return { live, fetching, ground };
}

async function groundOf(fetching: Fetching, live: LivePullRequest, input: SettingsInput): Promise<Ground> {
  const { github } = fetching;
  const range = await rangeOf(github, [live], live);
  const settings = await readSettings(fetching, commitFiles(github, github.repository, range.base.sha), input);
  return { range, settings };
}
