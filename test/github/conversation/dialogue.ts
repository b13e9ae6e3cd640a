/** A pull request on the stand-in whose detector became slow, people who write comments on it, and the answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { answerCommand, type Answered, type CommandOutcome } from '../../../src/github/conversation/answer-command.ts';
import type { ConversationOptions } from '../../../src/github/conversation/session.ts';
import type { GitHub } from '../../../src/github/client.ts';
import { makeGitRepository, type Changes, type GitRepository } from '../../stand-in/git-repository.ts';
import { workflowToken, type StandInOptions, type Token } from '../../stand-in/options.ts';
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts';
import { addComment, type Comment } from '../../stand-in/state.ts';
import { connect, temporaryFolder } from '../connection.ts';

const models = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'models');

export function fixture(name: string): Buffer {
  return readFileSync(join(models, `${name}.onnx`));
}

export const modelPath = 'models/detector.onnx';
export const configPath = '.github/model-budget.yml';
export const target = 'ethos-u55-256';

/** The detector costs 457 µs with a nearest Resize and 2.2 ms with a cubic one. */
export const config = `version: 1
targets: [${target}]
budgets:
  - { metric: size, max: 5 MB }
  - { metric: latency, max: 1 ms }
`;

export interface Dialogue {
  readonly repository: GitRepository;
  readonly standIn: StandIn;
  readonly github: GitHub;
  readonly log: readonly string[];
  readonly headSha: () => string;
  /** Writes a comment, as ada who may write. */
  readonly write: (body: string, login?: string) => Comment;
  readonly answer: (comment: Comment, options?: Partial<ConversationOptions>) => Promise<CommandOutcome>;
  /** Both; expects that there is an answer. */
  readonly say: (body: string, login?: string) => Promise<Answered & { readonly asked: Comment }>;
  /** Comments of this program. */
  readonly answers: () => readonly Comment[];
}

export interface DialogueOptions extends Partial<Omit<StandInOptions, 'gitFolder' | 'repository'>> {
  readonly token?: Token;
  readonly base?: Changes;
  readonly change?: Changes;
}

export async function dialogue(options: DialogueOptions = {}): Promise<Dialogue> {
  const { token = workflowToken({ contents: 'read', pull_requests: 'write' }), base, change, ...others } = options;
  const repository = makeGitRepository();
  repository.commit('main', base ?? { [modelPath]: fixture('detector-nearest'), [configPath]: config });
  repository.commit('change', change ?? { [modelPath]: fixture('detector-cubic') }, { from: 'main' });
  const standIn = await startStandIn({
    ...{ gitFolder: repository.folder, repository: 'acme/detector', tokens: { 'a-token': token } },
    pullRequests: [{ number: 7, head: { ref: 'change' }, base: 'main' }],
    roles: { ada: 'write', max: 'maintain', tri: 'triage' },
    ...others,
  });
  onTestFinished(async () => {
    await standIn.close();
    repository.remove();
    expect(standIn.violations).toEqual([]);
  });
  const { github, log } = connect({ apiUrl: standIn.apiUrl, serverUrl: standIn.serverUrl });
  const write = (body: string, login = 'ada') => addComment(standIn.world, 7, { login, app: null }, body);
  const answer = (comment: Comment, given: Partial<ConversationOptions> = {}) =>
    answerCommand(github, writtenComment(comment), {
      ...{ id: 'default', input: { configPath, targets: [] }, folder: temporaryFolder() },
      ...{ appSlug: null, appId: null, isLastTry: true },
      ...given,
    });
  return {
    ...{ repository, standIn, github, log, write, answer },
    headSha: () => standIn.world.git(['rev-parse', 'refs/heads/change']).toString().trim(),
    say: async (body, login) => {
      const asked = write(body, login);
      const outcome = await answer(asked);
      if (outcome.kind === 'ignored') throw new Error(outcome.reason);
      return { ...outcome, asked };
    },
    answers: () => standIn.state.comments.filter(({ author }) => author.app !== null),
  };
}

export function writtenComment({ id, body, author, createdAt }: Comment) {
  return { pullRequest: 7, id, body, login: author.login, createdAt };
}

export function reactionsOn({ reactions }: Comment): readonly string[] {
  return reactions.map(({ content }) => content);
}

/** What a mail shows. */
export function headingOf({ body }: Comment): string {
  return body.split('\n')[0] ?? '';
}
