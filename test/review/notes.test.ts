/** What a review says about itself: which budgets it left out, how it is computed again, what did not change at all. */
import { expect, test } from 'vitest';
import type { Waiver } from '../../src/compare/comparison.ts';
import { renderText } from '../../src/report/text.ts';
import { reviewPairs } from './input.ts';

const residual = 'cnn-residual.onnx';
const pair = { base: residual, head: 'cnn-residual-wide.onnx' };

test('a budget for a target that is not reviewed is not passed in silence', () => {
  const of = (target: string) =>
    reviewPairs([pair], { config: `budgets: [{ metric: size, max: 1 B, target: ${target} }]` });
  expect(of('rpi4-xnnpack')).toMatchObject({ verdict: 'fail', notes: [] });
  const stray = of('rpi4-xnnpak');
  expect(stray).toMatchObject({
    verdict: 'pass',
    notes: ['budgets for `rpi4-xnnpak` are not judged: it is not among the targets'],
  });
  expect(renderText(stray)).toContain('budgets for `rpi4-xnnpak` are not judged');
});

test('the replay line has every flag that the config does not hold', () => {
  const waiver: Waiver = {
    ...{ id: '7', who: 'octocat', when: '2026-03-01', why: 'agreed', until: '2026-03-20', metric: 'size', values: [] },
  };
  const flags = (setting: Parameters<typeof reviewPairs>[1]) =>
    reviewPairs([pair], setting).replay.replace(/^npx model-budget@\S+ diff \w{40} \w{40} /, '');
  expect(flags({})).toBe('--config model-budget.yml');
  expect(flags({ download: true })).toBe('--config model-budget.yml --download');
  expect(flags({ waivers: [waiver], evaluatedOn: '2026-03-02' })).toBe(
    '--config model-budget.yml --waivers waivers.json --evaluated-on 2026-03-02',
  );
});

test('a pair of the same bytes is unchanged, the same network in other bytes is modified', () => {
  const statusOf = (head: string) => reviewPairs([{ base: residual, head }]).models[0]!.status;
  expect(statusOf(residual)).toBe('unchanged');
  expect(statusOf('cnn-residual-renamed.onnx')).toBe('modified');
  const moved = { base: residual, head: residual, status: 'renamed', previousPath: 'old.onnx' } as const;
  expect(reviewPairs([moved]).models[0]!.status).toBe('renamed');
});

test('a row that a lost quantization splits says what was lost, by the name of what computes', () => {
  const report = reviewPairs([{ base: 'cnn-qdq.onnx', head: 'cnn-qdq-lost.onnx' }], { targets: ['ethos-u55-256'] });
  const split = report.models[0]!.targets[0]!.layers.filter((one) => one.match.status === 'split');
  expect(split.map(({ name, changes }) => [name, changes])).toEqual([
    ['/block2/Conv', ['dtype int8→float32', 'converts int8→float32 for `Conv`', 'falls back to the CPU']],
    ['/pool/GlobalAveragePool', ['dtype int8→float32', 'converts float32→int8 for `Flatten`', 'falls back to the CPU']],
  ]);
});
