/** `model-budget simulate <model>...`: per-layer latency, energy, power, memory, and what bounds each layer. */
import type { Command } from 'commander';
import { diffSimulations } from '../compare/diff.ts';
import { UserError } from '../errors.ts';
import { defaultTargets, loadTargets, readLocalFile } from '../files/hardware.ts';
import { compressedModelBytes } from '../formats/compressed-size.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';
import { jsonLine } from '../report/json-line.ts';
import { neighbourFiles } from '../report/neighbours/index.ts';
import {
  isNeighbourFormat,
  neighbourFormats,
  type NeighbourFile,
  type NeighbourFormat,
} from '../report/neighbours/neighbour.ts';
import { simulationDocument } from '../report/simulation-document.ts';
import { simulationText } from '../report/simulation-text.ts';
import { compile } from '../schedule/compile.ts';
import type { Target } from '../schedule/target.ts';
import { simulate } from '../simulate/simulate.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { fileAlone } from './comparison.ts';
import { eachModel, prepareBound } from './each-model.ts';
import { writeNeighbours } from './neighbours.ts';
import { writeOutput } from './output.ts';
import {
  addDimensionOptions,
  addOutputOptions,
  addTargetOptions,
  bindingsOf,
  compileOptionsOf,
  type CommonOptions,
  type Format,
} from './options.ts';

interface SimulateOptions extends Omit<CommonOptions, 'format'> {
  readonly format?: Format | NeighbourFormat | typeof pageFormat;
}

const pageFormat = 'html';

const ownFormats: readonly Format[] = ['text', 'markdown', 'json'];

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('simulate')
    .argument('<model...>', 'model files')
    .description('per-layer latency, energy, power and memory on each target, and what bounds each layer');
  const formats = [...ownFormats, pageFormat, ...neighbourFormats];
  addOutputOptions(addDimensionOptions(addTargetOptions(command)), formats).action(
    async (paths: readonly string[], { format = 'text', ...options }: SimulateOptions) => {
      if (format === pageFormat) {
        await writePage(paths, options);
        finish(0);
        return;
      }
      const targets = await loadTargets(options.target ?? defaultTargets, readLocalFile);
      const run: Run = { paths, options, targets };
      finish(await (isNeighbourFormat(format) ? writeForTools(run, format) : writeDocuments(run, format)));
    },
  );
}

interface Run {
  readonly paths: readonly string[];
  readonly options: Omit<CommonOptions, 'format'>;
  readonly targets: readonly Target[];
}

/** As `view` does, on the targets of this command. */
async function writePage(paths: readonly string[], options: Run['options']): Promise<void> {
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) throw new UserError('a page is of one model: name one');
  const { reviewedPage } = await import('./page.ts');
  const target = options.target ?? defaultTargets;
  writeOutput(await reviewedPage(fileAlone(path), { ...options, target }), options.output);
}

async function writeDocuments({ paths, options, targets }: Run, format: Format): Promise<number> {
  return eachModel(paths, { ...options, format }, (model, path, sources) => {
    const simulatedOn = simulator({ model, path, sources }, options);
    return targets.map((target) => {
      const document = simulationDocument(simulatedOn(target), path);
      return format === 'json' ? jsonLine(document) : simulationText(document, format);
    });
  });
}

async function writeForTools({ paths, options, targets }: Run, format: NeighbourFormat): Promise<number> {
  const files: NeighbourFile[] = [];
  const exitCode = await eachModel(paths, options, (model, path, sources) => {
    const simulatedOn = simulator({ model, path, sources }, options);
    for (const target of targets) {
      const simulation = simulatedOn(target);
      const { rows } = diffSimulations({ base: 'absent', head: simulation });
      const head = { model, schedule: simulation.schedule };
      files.push(...neighbourFiles(format, { path, target: target.id, rows, base: null, head }));
    }
    return [];
  });
  writeNeighbours(files, options);
  return exitCode;
}

interface Read {
  readonly model: Model;
  readonly path: string;
  readonly sources: ModelSources;
}

function simulator({ model, path, sources }: Read, options: Run['options']): (target: Target) => Simulation {
  const prepared = prepareBound(model, path, bindingsOf(options));
  const downloadBytes = options.download === true ? compressedModelBytes(model, sources) : null;
  return (target) => {
    const schedule = compile(prepared, target, { ...compileOptionsOf(options), sources });
    return simulate({ ...schedule, sizes: { ...schedule.sizes, downloadBytes } });
  };
}
