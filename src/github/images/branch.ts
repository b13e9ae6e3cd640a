/**
 * Pictures on a branch of their own in the repository, written through the Git data API: no checkout, no server.
 *
 * The address names the branch and not a commit, so it outlives a restart of the branch's history. In a private
 * repository GitHub shows it to those who are logged in and may read the repository; that rests on the reports of other
 * projects, which disagree, and could not be tried live. Alt text and tables say the same in words.
 */
import { createHash } from 'node:crypto';
import { chartImages } from '../../files/chart-images.ts';
import type { ImageAddresses } from '../../report/pictures.ts';
import type { GitHub } from '../client.ts';
import { branchName, readBranch, type Branch, type StoredFile } from './branch-tip.ts';
import { commitFiles } from './branch-commit.ts';
import { filePrefix, nextFiles } from './branch-files.ts';
import type { Hosting, ImageHost, ImageRequest } from './host.ts';
import { shownCharts } from './shown-charts.ts';

export const branchHost: ImageHost = {
  name: 'branch',
  title: `charts on the branch ${branchName}`,
  remedy:
    'the job needs `permissions: { contents: write, pull-requests: write, checks: write }` (never with pull_request_target; the token of a fork stays read-only)',
  show,
};

/** Light and dark each. Writes are a second apart, so that twelve pictures and a commit take about 15 s. */
const maximumCharts = 6;

/** Another run may write the branch between our reading and our writing it. */
const maximumTries = 4;

interface StoredPicture extends StoredFile {
  readonly chart: string;
  readonly theme: 'light' | 'dark';
}

async function show(github: GitHub, request: ImageRequest): Promise<Hosting> {
  const branch = await readBranch(github);
  if (branch.kind === 'foreign') return foreign(branch);
  const pictures = await uploadPictures(github, request, branch);
  const trouble = await publish(github, request, pictures, branch);
  return trouble ?? { images: addressesOf(github, pictures) };
}

function foreign({ reason }: Extract<Branch, { kind: 'foreign' }>): Hosting {
  return { refusal: `left alone, since something else is on it (${reason})` };
}

/** Each picture is sent as soon as it is drawn: a token that may not write is found out with the first one. */
async function uploadPictures(
  github: GitHub,
  request: ImageRequest,
  branch: Branch,
): Promise<readonly StoredPicture[]> {
  const known = new Set(branch.kind === 'ours' ? branch.files.map(({ sha }) => sha) : []);
  const ids = new Set(shownCharts(request.report, maximumCharts).map(({ id }) => id));
  const pictures: StoredPicture[] = [];
  for await (const { id, theme, png } of chartImages(request.report, ids)) {
    const digest = blobDigest(png);
    const sha = known.has(digest) ? digest : await uploadBlob(github, png);
    known.add(digest);
    pictures.push({ chart: id, theme, path: `${filePrefix(request)}${digest}.png`, sha });
  }
  return pictures;
}

/** What git calls the content, so that a picture that the branch has needs no sending to be recognized. */
function blobDigest(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

async function uploadBlob({ client, repository }: GitHub, bytes: Uint8Array): Promise<string> {
  const content = Buffer.from(bytes).toString('base64');
  const { data } = await client.rest.git.createBlob({ ...repository, content, encoding: 'base64' });
  return data.sha;
}

/** Undefined once the branch holds the pictures. */
async function publish(
  github: GitHub,
  request: ImageRequest,
  pictures: readonly StoredPicture[],
  read: Branch,
): Promise<Hosting | undefined> {
  let branch = read;
  let reason = '';
  for (let tries = 1; tries <= maximumTries; tries++) {
    if (branch.kind === 'foreign') return foreign(branch);
    const current = branch.kind === 'ours' ? branch.files : [];
    const held = new Set(current.map(({ path }) => path));
    if (pictures.every(({ path }) => held.has(path))) return undefined;
    const files = nextFiles(current, pictures, request);
    const mayRestart = tries === 1;
    const outcome = await commitFiles(github, { files, branch, pullRequest: request.pullRequest, mayRestart });
    if (outcome.kind === 'written') return undefined;
    reason = outcome.reason;
    if (outcome.kind === 'forbidden') break;
    branch = await readBranch(github);
  }
  return { refusal: reason };
}

function addressesOf(
  { serverUrl, repository: { owner, repo } }: GitHub,
  pictures: readonly StoredPicture[],
): ReadonlyMap<string, ImageAddresses> {
  const address = ({ path }: StoredPicture): string =>
    `${serverUrl}/${owner}/${repo}/blob/${branchName}/${path}?raw=true`;
  const dark = new Map(pictures.filter(({ theme }) => theme === 'dark').map((one) => [one.chart, address(one)]));
  return new Map(
    pictures
      .filter(({ theme }) => theme === 'light')
      .map((one) => {
        const other = dark.get(one.chart);
        return [one.chart, other === undefined ? { light: address(one) } : { light: address(one), dark: other }];
      }),
  );
}
