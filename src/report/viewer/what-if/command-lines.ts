/** The same question elsewhere: as a slash command in the pull request, and on the command line. */
import { quote } from '../../../optimizations/grammar.ts';
import { shellWord } from '../../shell-word.ts';

export interface AskedElsewhere {
  readonly edits: string;
  /** Of the model. */
  readonly path: string;
  readonly target: string;
  readonly toolVersion: string;
}

export function slashCommand({ edits, path, target }: AskedElsewhere): string {
  // What a glob takes for more than itself stands for any character.
  const model = path.replace(/[*?[\]{}]/g, '?');
  return `/simulate ${edits} model=${quote(model)} target=${quote(target)}`;
}

export function commandLine({ edits, path, target, toolVersion }: AskedElsewhere): string {
  const file = path.startsWith('-') ? `./${path}` : path;
  const words = ['optimize', file, '--apply', edits, '--target', target];
  return `npx model-budget@${toolVersion} ${words.map(shellWord).join(' ')}`;
}
