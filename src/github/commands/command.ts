/** What a slash command is: how it is written, who may give it, and what answers it. */
import type { Config } from '../../config.ts';
import type { Permission } from '../../config/record.ts';
import type { Piece } from '../../report/fit.ts';
import type { Phrase } from '../../report/phrase.ts';
import type { Check } from '../check.ts';
import type { Fetching } from '../models.ts';
import type { PullRequestRange } from '../range.ts';
import type { RangeWaivers } from '../review-range.ts';
import type { Settings, SettingsInput } from '../settings.ts';
import type { WaiverRecord } from '../waivers/record.ts';

export interface Command {
  /** Its words without the slash: `budget status`. */
  readonly name: string;
  /** What follows them: `<edits> [model=<glob>] [target=<id>]`; empty where nothing does. */
  readonly usage: string;
  /** One line for the help. */
  readonly summary: string;
  /** The least that whoever gives it must have. Absent: what `commands.minPermission` of the config says. */
  readonly permission?: (config: Config) => Permission;
  /** `text`: what follows the name. @throws UserError in one line for a mistake in it. */
  readonly parse: (text: string) => Call;
}

/** A command with what it is asked. */
export interface Call {
  /** In one fixed spelling, which parses to the same: the same question has one answer in the pull request. */
  readonly text: string;
  /** @throws UserError in one line for what cannot be answered as it was asked. */
  readonly answer: (context: CommandContext) => Promise<Answer>;
}

export interface CommandContext {
  readonly fetching: Fetching;
  /** Of the pull request, at the head that the answer is about. */
  readonly range: PullRequestRange;
  /** At the tip of the base branch. */
  readonly settings: Settings;
  readonly input: SettingsInput;
  readonly asker: Asker;
  /** The review's, by which its check runs are known. */
  readonly check: Pick<Check, 'name' | 'appId'>;
  /** What was accepted before, as a review has it. */
  readonly waivers: () => Promise<RangeWaivers>;
}

export type Asker =
  | { readonly login: string; readonly comment: { readonly id: number; readonly createdAt: string } }
  /** Who pressed a button of a check run. `pressedAt`: ISO time. */
  | { readonly login: string; readonly comment: null; readonly button: number; readonly pressedAt: string };

export interface Answer {
  /** With the result, since it is what a mail shows first. */
  readonly heading: Phrase;
  /** In the order of the page. */
  readonly pieces: readonly Piece[];
  /** Waivers that were given just now: the pull request is to be reviewed again, with them. */
  readonly given?: readonly WaiverRecord[];
}

/** `/simulate <edits> [model=<glob>] [target=<id>]` */
export function usageOf({ name, usage }: Pick<Command, 'name' | 'usage'>): string {
  return `/${[name, usage].filter((part) => part !== '').join(' ')}`;
}
