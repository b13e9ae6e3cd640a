/**
 * The service that keeps what jobs of GitHub Actions leave behind: caches and artifacts (`github.actions.results.api.v1`,
 * JSON over Twirp, blobs at signed addresses).
 *
 * `@actions/cache` and `@actions/artifact` speak the same protocol. They are left out: with the storage client that they
 * bring each would be a quarter of the bundle and of the installation, for three requests.
 */

export interface ResultsService {
  /** `ACTIONS_RESULTS_URL` */
  readonly url: string;
  /** `ACTIONS_RUNTIME_TOKEN`, which only steps that run an action get. */
  readonly token: string;
}

/** The service of this job; undefined where there is none (GitHub Enterprise Server, other runners). */
export function resultsServiceOf(
  environment: Readonly<Record<string, string | undefined>>,
): ResultsService | undefined {
  const url = environment.ACTIONS_RESULTS_URL;
  const token = environment.ACTIONS_RUNTIME_TOKEN;
  return url === undefined || url === '' || token === undefined || token === '' ? undefined : { url, token };
}

/** A service that hangs is one that is not there. */
const longestCallMilliseconds = 30_000;
/** Objects of Git LFS are large. */
const longestUploadMilliseconds = 300_000;

interface Answer {
  readonly ok?: boolean;
  readonly signed_upload_url?: unknown;
  readonly signed_download_url?: unknown;
  readonly artifact_id?: unknown;
}

/** What exists already is `ok: false`. Throws where the service refuses. @param method `CacheService/CreateCacheEntry` */
export async function callResults({ url, token }: ResultsService, method: string, body: object): Promise<Answer> {
  const base = url.endsWith('/') ? url : `${url}/`;
  const response = await fetch(new URL(`twirp/github.actions.results.api.v1.${method}`, base), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(longestCallMilliseconds),
  });
  // Twirp says "already exists" with 409.
  if (response.status === 409) return { ok: false };
  if (!response.ok) throw new Error(`${method.replace(/.*\//, '')} was answered with ${response.status}`);
  return (await response.json()) as Answer;
}

export async function uploadBlob(address: string, blob: Blob, type: string): Promise<void> {
  const response = await fetch(address, {
    method: 'PUT',
    headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-blob-content-type': type, 'content-type': type },
    body: blob,
    signal: AbortSignal.timeout(longestUploadMilliseconds),
  });
  if (!response.ok) throw new Error(`the upload was answered with ${response.status}`);
}
