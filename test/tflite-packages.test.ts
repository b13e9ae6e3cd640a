/** TFLite models of npm packages: against the same networks as ONNX, and by what their files declare. */
import { describe, expect, test } from 'vitest';
import { modelPackages } from '../demo/known-packages.ts';
import type { ModelPackage } from '../demo/package-models.ts';
import { openFile } from '../src/files/file-source.ts';
import { readModel } from '../src/formats/index.ts';
import type { Model } from '../src/ir/graph.ts';
import { inferModel, prepare } from '../src/passes/index.ts';
import type { Bindings } from '../src/passes/prepared.ts';
import { inspectDocument } from '../src/report/inspect.ts';
import { compile } from '../src/schedule/compile.ts';
import { realModels } from './real-models.ts';
import { toyCpu } from './schedule/toy-targets.ts';

const wakeWords: ModelPackage = {
  ...modelPackages.openWakeWord,
  models: [
    { path: 'models/alexa_v0.1.tflite', sha256: '7333a317a790070a7f3432b81d9439c779481cc4ebd67c73da7174ea3cf48397' },
    {
      path: 'models/embedding_model.tflite',
      sha256: 'c0aea21eb84a4ce90a08c870da41b7a7173b45269e6a3207c71d67c40f3a59d8',
    },
    {
      path: 'models/hey_jarvis_v0.1.tflite',
      sha256: '14bff778604985e1b5c19f0f7bbe477a69cf281d8db34b232b3b972411f710e2',
    },
    {
      path: 'models/hey_mycroft_v0.1.tflite',
      sha256: 'bf9e43136afd3ca323698820a6e32a47f885ef4c30a3b8b577ec71688a9d64d8',
    },
    {
      path: 'models/hey_rhasspy_v0.1.tflite',
      sha256: '01d2526b45068f565aa3849d6ec2b7abae099154fc1b496f9ef20de9ef241fe9',
    },
    {
      path: 'models/melspectrogram.tflite',
      sha256: '96fa0adccb6e8cf95cb14465409a1a2898ee4a96a85bb9ed3c7eb0e68bf163e8',
    },
    { path: 'models/timer_v0.1.tflite', sha256: '21d5b0267e97df64870b7aca312e2043ebed248d365698926a115a3694ff9626' },
    { path: 'models/weather_v0.1.tflite', sha256: '4178991c7aeb76670f5a56559eb4129a6f3ae6207886db8bd8094fea7d362c3f' },
  ],
};

const segmentation: ModelPackage = {
  name: '@mediapipe/selfie_segmentation',
  version: '0.1.1675465747',
  licence: 'Apache-2.0',
  models: [
    { path: 'selfie_segmentation.tflite', sha256: '8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27' },
  ],
};

/** Elements that the TFLite file has and the ONNX file does not. */
const explained: Readonly<Record<string, number>> = {
  // TFLite's convolutions always have a bias: that of 96 filters, and that of 257 less a factor that was folded.
  embedding_model: 96,
  melspectrogram: 257 - 1,
  // The epsilons of normalizations were folded into what they are added to.
  'hey_jarvis_v0.1': -2,
  'hey_mycroft_v0.1': -1,
};

function read(path: string): Model {
  const { source } = openFile(path, path);
  return readModel(new Map([['', source]]), path);
}

/** A second of sound, or the sizes that the file leaves open at 1. */
function bindingsOf({ graph }: Model, name: string): Bindings {
  const inputs = new Map<string, readonly number[]>();
  if (name === 'melspectrogram') inputs.set(graph.inputs[0]!, [1, 16_000]);
  if (name === 'embedding_model') inputs.set(graph.inputs[0]!, [1, 76, 32, 1]);
  return { dims: new Map(), inputs };
}

function countsOf(path: string, name: string) {
  const model = read(path);
  const { unknownOperators } = inspectDocument(inferModel(model, bindingsOf(model, name)), name);
  const { sizes } = compile(prepare(model, bindingsOf(model, name)), toyCpu);
  return { ...sizes, unknownOperators };
}

const tfliteFiles = realModels(wakeWords);
const onnxFiles = realModels(modelPackages.openWakeWord);

describe('one network in two formats', () => {
  test.skipIf(tfliteFiles.length === 0 || onnxFiles.length === 0).each(tfliteFiles)('%s', (path) => {
    const name = /([^/\\]+)\.tflite$/.exec(path)![1]!;
    const tflite = countsOf(path, name);
    const onnx = countsOf(
      onnxFiles.find((each) => each.endsWith(`${name}.onnx`))!,
      name,
    );
    expect([tflite.unknownOperators, onnx.unknownOperators]).toEqual([[], []]);
    if (name === 'hey_rhasspy_v0.1') {
      // Two generations of the network: layers of 64 and of 32.
      expect([tflite.macs, onnx.macs]).toEqual([1536 * 64 + 64 * 64 + 64, 1536 * 32 + 32 * 32 + 32]);
      return;
    }
    expect(tflite.macs).toBe(onnx.macs);
    expect(tflite.macs).toBeGreaterThan(200_000);
    expect(tflite.parameters - onnx.parameters).toBe(explained[name] ?? 0);
  });
});

describe('a custom operator that LiteRT brings along', () => {
  const [path] = realModels(segmentation);
  test.skipIf(path === undefined)('is a transposed convolution', () => {
    const document = inspectDocument(inferModel(read(path!), { dims: new Map(), inputs: new Map() }), 'm');
    expect(document.unknownOperators).toEqual([]);
    const last = document.layers.find(({ id }) => id === 'segment')!;
    expect([last.op, last.outputs[0]?.shape]).toEqual(['ConvTranspose', [1, 256, 256, 1]]);
    // Each of 128 × 128 positions of 16 channels spreads over 2 × 2.
    expect(last.macs).toBe(128 * 128 * 16 * 4);
  });
});
