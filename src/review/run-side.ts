/** One version of a model on one target: compiled, simulated, measured; or as far as that goes. */
import { measuredSide, type MeasuredSide } from '../compare/budget.ts';
import type { MissingSide } from '../compare/totals.ts';
import { UserError } from '../errors.ts';
import { compile, type CompileOptions } from '../schedule/compile.ts';
import type { Target } from '../schedule/target.ts';
import { simulate } from '../simulate/simulate.ts';
import type { Simulation } from '../simulate/simulation.ts';
import type { PreparedSide, Side } from './side.ts';

export interface RunSetting {
  readonly target: Target;
  readonly compileOptions: CompileOptions;
  readonly rateHertz: number | undefined;
}

/** A side on a target. */
export interface Run {
  readonly simulation: Simulation | MissingSide;
  readonly measured: MeasuredSide | MissingSide;
}

export function runSide(side: Side, setting: RunSetting): Run {
  if (side === 'absent') return { simulation: 'absent', measured: 'absent' };
  if (side.kind === 'opaque') return { simulation: 'unreadable', measured: sizesOnly(side, side.reason) };
  try {
    return measureSide(side, setting);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { simulation: 'unreadable', measured: sizesOnly(side, error.message) };
  }
}

function measureSide(side: PreparedSide, { target, compileOptions, rateHertz }: RunSetting): Run {
  const schedule = compile(side.prepared, target, { ...compileOptions, sources: side.sources });
  const simulated = simulate(schedule, rateHertz === undefined ? {} : { rateHertz });
  const simulation = { ...simulated, totals: { ...simulated.totals, downloadBytes: side.downloadBytes } };
  return { simulation, measured: measuredSide(simulation) };
}

function sizesOnly(
  { fileBytes, downloadBytes }: Pick<PreparedSide | Extract<Side, { kind: 'opaque' }>, 'fileBytes' | 'downloadBytes'>,
  reason: string,
): MeasuredSide {
  return {
    values: { ...(fileBytes === null ? {} : { fileBytes }), ...(downloadBytes === null ? {} : { downloadBytes }) },
    bands: {},
    layers: null,
    dramMemories: [],
    unknownOperators: [],
    reason,
  };
}
