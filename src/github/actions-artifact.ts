/** One file as an artifact of the run that opens in the browser: not packed, under its own name. */
import { createHash, randomBytes } from 'node:crypto';
import { callResults, uploadBlob, type ResultsService } from './actions-results.ts';

export interface Artifact {
  /** Artifacts of a run have different names. Letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  readonly extension: 'html';
  readonly content: string;
}

const contentTypes = { html: 'text/html' } as const;

/** The layout of artifacts in which a file need not be packed. */
const version = 7;

/** The artifact's number. Throws where it could not be kept. */
export async function keepArtifact(service: ResultsService, artifact: Artifact): Promise<string> {
  const { name, extension, content } = artifact;
  const run = runOf(service.token);
  const type = contentTypes[extension];
  const create = (file: string) =>
    callResults(service, 'ArtifactService/CreateArtifact', { ...run, name: file, version, mime_type: type });
  let file = `${name}.${extension}`;
  let made = await create(file);
  // Another job of a matrix has the name already.
  if (made.ok === false) made = await create((file = `${name}-${randomBytes(4).toString('hex')}.${extension}`));
  if (made.ok !== true || typeof made.signed_upload_url !== 'string') throw new Error('no artifact could be made');
  const blob = new Blob([content], { type });
  await uploadBlob(made.signed_upload_url, blob, type);
  const final = await callResults(service, 'ArtifactService/FinalizeArtifact', {
    ...run,
    name: file,
    size: String(blob.size),
    hash: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  });
  const number = String(final.artifact_id);
  if (final.ok !== true || !/^\d+$/.test(number)) throw new Error('the artifact was not kept');
  return number;
}

/** The token names the run and the job that it is for, in a scope `Actions.Results:<run>:<job>`. */
function runOf(token: string): {
  readonly workflow_run_backend_id: string;
  readonly workflow_job_run_backend_id: string;
} {
  const [, run, job] = /(?:^| )Actions\.Results:([\w-]+):([\w-]+)(?: |$)/.exec(scopesOf(token)) ?? [];
  if (run === undefined || job === undefined) throw new Error('the token of the job names no run');
  return { workflow_run_backend_id: run, workflow_job_run_backend_id: job };
}

/** Of a JSON Web Token, read and not checked: it is our own. */
function scopesOf(token: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null && 'scp' in claims ? String(claims.scp) : '';
  } catch {
    return '';
  }
}
