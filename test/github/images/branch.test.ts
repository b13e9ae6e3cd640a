import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chartImages } from '../../../src/files/chart-images.ts';
import { hostImages } from '../../../src/github/images/index.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import type { Report } from '../../../src/report/report.ts';
import { report } from '../../report/reports.ts';
import { digest, gitData } from './git-data.ts';
import { imageRequest, model, slower } from './image-requests.ts';

beforeEach(() => {
  nock.disableNetConnect();
});

afterEach(() => {
  nock.cleanAll();
});

/** Never QuickChart: where the branch is refused, nothing is left. */
function privately(overrides: Parameters<typeof imageRequest>[0] = {}) {
  return imageRequest({ isPrivate: true, ...overrides });
}

async function drawn(of: Report): Promise<readonly Buffer[]> {
  const images: Buffer[] = [];
  for await (const { png } of chartImages(of)) images.push(Buffer.from(png));
  return images;
}

const ours = /^pr-12\/[0-9a-f]{40}\.png$/;

describe('the first report', () => {
  test('makes the branch in one commit without a parent, and a comment shows every picture', async () => {
    const data = gitData();
    const { images, fallback, remarks } = await hostImages(data.github, privately());
    expect([fallback, remarks]).toEqual(['mermaid', []]);
    const ids = ['latency', 'waterfall', 'roofline'].map((kind) => `model-1-target-1-${kind}`);
    expect([...images.keys()]).toEqual(ids);
    const markdown = renderMarkdown(slower(), { images });
    for (const { light, dark } of images.values()) {
      expect(markdown).toContain(`src="${light}"`);
      expect(markdown).toContain(`srcset="${dark!}"`);
      expect(light).toMatch(
        /^https:\/\/github\.com\/octo\/models\/blob\/model-budget-charts\/pr-12\/[0-9a-f]{40}\.png\?raw=true$/,
      );
    }
    const uploads = Array<string>(6).fill('POST /blobs');
    expect(data.writes()).toEqual([...uploads, 'POST /trees', 'POST /commits', 'POST /refs']);
  });

  test('sends the drawn bytes, a whole tree and a message that does not mention the pull request', async () => {
    const data = gitData();
    const { images } = await hostImages(data.github, privately());
    const content = (await drawn(slower())).map((png) => png.toString('base64'));
    expect(data.bodies('POST /blobs')).toEqual(content.map((text) => ({ content: text, encoding: 'base64' })));
    const { sha, tree, paths, message } = data.tip()!;
    const [sent] = data.bodies('POST /trees') as readonly { tree: readonly { path: string; sha?: string }[] }[];
    const [readme, ...files] = sent!.tree;
    expect(readme).toMatchObject({ path: 'README.md', mode: '100644', type: 'blob' });
    expect(files).toEqual(
      files.map(({ path }) => ({ path, mode: '100644', type: 'blob', sha: path.slice('pr-12/'.length, -4) })),
    );
    expect(data.bodies('POST /commits')).toEqual([{ message, tree, parents: [] }]);
    expect(data.bodies('POST /refs')).toEqual([{ ref: 'refs/heads/model-budget-charts', sha }]);
    expect(message).toBe('Charts of pull request 12\n\nCommits: 1\n');
    const shown = [...images.values()].flatMap(({ light, dark }) => [light, dark!]);
    expect(paths.filter((path) => ours.test(path))).toEqual(
      shown.map((address) => /pr-12\/[^?]+/.exec(address)![0]).toSorted(),
    );
  });
});

describe('a later report', () => {
  test('of the same pictures writes nothing', async () => {
    const data = gitData();
    const first = await hostImages(data.github, privately());
    const writes = data.writes().length;
    expect(await hostImages(data.github, privately())).toEqual(first);
    expect(data.writes()).toHaveLength(writes);
  });

  test('of other pictures removes those before, leaves those of others, and follows the last commit', async () => {
    const data = gitData();
    data.push(['README.md', `pr-7/${digest('a')}.png`]);
    await hostImages(data.github, privately());
    const before = data.tip()!;
    await hostImages(data.github, privately({ report: slower(4e-3) }));
    const after = data.tip()!;
    expect(after.parents).toEqual([before.sha]);
    expect(after.message).toContain('Commits: 3');
    expect(after.paths.filter((path) => ours.test(path))).toHaveLength(6);
    // The utilization is as it was, light and dark.
    expect(after.paths.filter((path) => ours.test(path) && before.paths.includes(path))).toHaveLength(2);
    expect(data.bodies('POST /blobs')).toHaveLength(6 + 4);
    expect(after.paths).toContain(`pr-7/${digest('a')}.png`);
    expect(data.bodies('PATCH /refs').at(-1)).toEqual({ sha: after.sha, force: false });
  });

  test('of another pull request does not send the same bytes again', async () => {
    const data = gitData();
    await hostImages(data.github, privately());
    await hostImages(data.github, privately({ pullRequest: 13 }));
    expect(data.bodies('POST /blobs')).toHaveLength(6);
    expect(data.tip()!.paths.filter((path) => path.startsWith('pr-13/'))).toHaveLength(6);
  });

  test('of another invocation in the same pull request keeps to its own pictures', async () => {
    const data = gitData();
    await hostImages(data.github, privately());
    await hostImages(data.github, privately({ id: 'nightly/../x', report: slower(4e-3) }));
    await hostImages(data.github, privately({ id: 'nightly/../x', report: slower(5e-3) }));
    await hostImages(data.github, privately({ report: slower(6e-3) }));
    const { paths } = data.tip()!;
    expect(paths.filter((path) => ours.test(path))).toHaveLength(6);
    expect(paths.filter((path) => /^pr-12\/[0-9a-f]{8}-[0-9a-f]{40}\.png$/.test(path))).toHaveLength(6);
  });
});

test('of many models the first six have one chart each, in at most twelve writes of pictures', async () => {
  const data = gitData();
  const models = Array.from({ length: 9 }, (_, index) => model(3e-3 + index * 1e-3, `m${index}.onnx`));
  const { images } = await hostImages(data.github, privately({ report: report({ models }) }));
  const worstFirst = [9, 8, 7, 6, 5, 4].map((place) => `model-${place}-target-1-latency`);
  expect(new Set(images.keys())).toEqual(new Set(worstFirst));
  expect(data.bodies('POST /blobs').length).toBeLessThanOrEqual(12);
});
