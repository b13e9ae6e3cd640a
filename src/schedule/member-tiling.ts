/** How the operations of a compilation are tiled. Networks repeat their layers, so that each kind of nest is tiled once. */
import { printerOf } from '../ir/alike.ts';
import type { DataType } from '../ir/data-type.ts';
import type { LoopNest } from '../operators/work.ts';
import { nestKey, nestMacs } from '../operators/work.ts';
import type { Place } from './algorithm.ts';
import { keptBytes, mainNest } from './algorithm.ts';
import type { Precision } from './legalize.ts';
import { storedBytes } from './legalize.ts';
import type { Operation } from './program.ts';
import type { Target } from './target.ts';
import type { TilingCosts } from './nest-cuts.ts';
import type { Tiling } from './tile.ts';
import { tileNest } from './tile.ts';

export interface TilingContext {
  readonly target: Target;
  readonly precision: Precision;
  readonly tileOnce: TileOnce;
}

/** `types`: equal where the costs are, for one compilation. */
export type TileOnce = (nest: LoopNest, types: string, costs: () => TilingCosts) => Tiling;

/** More kinds of nests than most models have. */
const mostRemembered = 1024;

const tilingsOn = new WeakMap<Target, Map<string, Map<string, Tiling>>>();

/**
 * `tileNest` that remembers: networks repeat their layers, and a what-if has mostly those of the model before. The text of
 * a nest is looked up, not put together each time.
 */
export function rememberTilings(target: Target, { float, assumed }: Precision): TileOnce {
  const known = tilingsOn.get(target) ?? new Map<string, Map<string, Tiling>>();
  tilingsOn.set(target, known);
  const precision = `${float} ${assumed}`;
  return (nest, types, costs) => {
    const key = `${precision} ${types}`;
    const ofTypes = known.get(key) ?? new Map<string, Tiling>();
    known.set(key, ofTypes);
    const text = nestKey(nest);
    const found = ofTypes.get(text) ?? tileNest(nest, costs());
    if (ofTypes.size >= mostRemembered) ofTypes.clear();
    ofTypes.set(text, found);
    return found;
  };
}

/** The tiling of the member's largest nest; null without nests, or where the target has no on-chip level. */
export function tilingOf(member: Operation, place: Place, context: TilingContext): Tiling | null {
  const nest = mainNest(member.work.nests);
  const { onChip } = context.target.plan;
  if (nest === undefined || onChip === undefined || nestMacs(nest) === 0) return null;
  const { inputs, constant } = member.typed;
  const weight = inputs[nest.stationaryInput]?.dtype ?? null;
  const isConstant = constant[nest.stationaryInput] === true;
  const stored = storedBytes(weight, 8, isConstant ? 'weight' : 'activation', context.precision);
  const plain = { elements: 8, bytes: stored };
  const kept = isConstant ? keptBytes(plain, nest.stationaryInput, member.work, place) : stored;
  const operands: Tiled = {
    input: inputs[nest.streamedInput]?.dtype ?? null,
    weightBytes: kept / 8,
    output: member.outputs[0]?.dtype ?? null,
    constant: isConstant,
  };
  return context.tileOnce(nest, printTiled(operands), () => tilingCosts(operands, onChip.usableBytes, context));
}

/** All that the costs of a nest's tiling hang on, for one target. */
interface Tiled {
  readonly input: DataType | null;
  /** Of an element, as the library keeps it. */
  readonly weightBytes: number;
  readonly output: DataType | null;
  /** Of the weights. */
  readonly constant: boolean;
}

const printTiled = printerOf<Tiled>({ input: true, weightBytes: true, output: true, constant: true });

function tilingCosts(operands: Tiled, onChipBytes: number, { target, precision }: TilingContext): TilingCosts {
  const { plan, memories } = target;
  const memoryAt = (id: string) => memories.find((candidate) => candidate.id === id)!;
  const perByte = (id: string) => {
    const memory = memoryAt(id);
    return 1 / (memory.bandwidthBytesPerSecond * memory.efficiency);
  };
  const elementBytes = (dtype: DataType | null) => storedBytes(dtype, 8, 'activation', precision) / 8;
  return {
    inputBytesPerElement: elementBytes(operands.input),
    weightBytesPerElement: operands.weightBytes,
    outputBytesPerElement: elementBytes(operands.output),
    onChipBytes,
    secondsPerActivationByte: perByte(plan.activations),
    secondsPerWeightByte: perByte(operands.constant ? plan.weights : plan.activations),
    burstBytes: memoryAt(plan.activations).burstBytes,
  };
}
