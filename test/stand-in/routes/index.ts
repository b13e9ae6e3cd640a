// Every operation that the stand-in answers.
import type { Handlers } from '../call.ts';
import { accountHandlers } from './account.ts';
import { appHandlers } from './apps.ts';
import { checkHandlers } from './checks.ts';
import { commentHandlers } from './comments.ts';
import { commitHandlers } from './commits.ts';
import { contentHandlers } from './contents.ts';
import { gitObjectHandlers } from './git-objects.ts';
import { pullRequestHandlers } from './pull-requests.ts';
import { refHandlers } from './refs.ts';
import { ruleHandlers } from './rules.ts';

export const handlers: Handlers = {
  ...accountHandlers,
  ...appHandlers,
  ...pullRequestHandlers,
  ...commitHandlers,
  ...checkHandlers,
  ...commentHandlers,
  ...gitObjectHandlers,
  ...refHandlers,
  ...ruleHandlers,
  ...contentHandlers,
};
