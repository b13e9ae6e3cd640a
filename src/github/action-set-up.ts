/** Whether this repository also runs the Action: then the comment is the Action's, and there is one of it. */
import { isScalar, parseDocument, visit } from 'yaml';
import type { Fetching } from './models.ts';
import type { CommitFiles } from './tree.ts';

const workflows = '.github/workflows';

/** Workflow files larger than this are none of ours. */
const maximumWorkflowBytes = 256 * 1024;

/** @param files of the base branch's tip: what runs there */
export async function isActionSetUp({ store, github }: Fetching, files: CommitFiles): Promise<boolean> {
  const entries = await files.folder(workflows);
  for (const entry of entries.filter(({ kind, path }) => kind === 'file' && /\.ya?ml$/.test(path))) {
    if (entry.byteLength > maximumWorkflowBytes) continue;
    // Workflows rarely change, and each push looks at all of them.
    const key = `workflow of ${files.repository.owner}/${files.repository.repo} ${entry.object}`;
    const read = async () => String(usesAction((await store.bytes(entry, files.repository)).toString('utf8')));
    const answer = github.texts?.get(key) ?? (await read());
    github.texts?.set(key, answer);
    if (answer === 'true') return true;
  }
  return false;
}

/** A step `uses: <owner>/model-budget@<version>`: forks of the Action write the same comment. */
export function usesAction(workflow: string): boolean {
  let found = false;
  visit(parseDocument(workflow), {
    Pair: (_, { key, value }) => {
      const [name, use] = [key, value].map((one) => (isScalar(one) ? one.value : undefined));
      if (name === 'uses' && typeof use === 'string' && /^[\w.-]+\/model-budget@/.test(use)) found = true;
    },
  });
  return found;
}
