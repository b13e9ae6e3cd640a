/** The short answer: a reaction on the comment. GitHub keeps one of each kind, however often it is asked. */
import { isRefused, reasonOf, type GitHub } from '../client.ts';

/** Seen; done; not done. */
export type Reaction = 'eyes' | 'rocket' | 'confused';

export interface Reacted {
  /** Whom GitHub names as the one who reacted: who this token is. Null: not heard. */
  readonly login: string | null;
  readonly refused: boolean;
}

/** Never throws: the answer itself is more than its reaction. */
export async function react({ client, repository, log }: GitHub, comment: number, content: Reaction): Promise<Reacted> {
  try {
    const request = { ...repository, comment_id: comment, content };
    const { data } = await client.rest.reactions.createForIssueComment(request);
    return { login: data.user?.login ?? null, refused: false };
  } catch (error) {
    log(`no reaction was left: ${reasonOf(error)}`);
    return { login: null, refused: isRefused(error) };
  }
}
