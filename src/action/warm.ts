/** A push to the default branch: the Git LFS objects of its models go into the cache, for the pull requests to come. */
import { objectCache } from '../github/actions-cache.ts';
import { resultsServiceOf } from '../github/actions-results.ts';
import type { GitHub } from '../github/client.ts';
import { fetchAllModels } from '../github/models.ts';
import { objectStore } from '../github/objects.ts';
import { readSettings, type SettingsInput } from '../github/settings.ts';
import { commitFiles } from '../github/tree.ts';

/** Nothing is judged on a push, so nothing fails here but what the user must repair. @throws UserError */
export async function warmCache(github: GitHub, headSha: string, folder: string, input: SettingsInput): Promise<void> {
  const service = resultsServiceOf(process.env);
  if (service === undefined) {
    github.log('there is no cache service here: nothing to do on a push');
    return;
  }
  const fetching = { github, store: objectStore(github, folder, objectCache(service, github.log)) };
  const files = commitFiles(github, github.repository, headSha);
  const { config } = await readSettings(fetching, files, input);
  const count = await fetchAllModels(fetching, files, config);
  github.log(`the Git LFS objects of ${count} models are in the cache`);
}
