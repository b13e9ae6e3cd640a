/** Slices: ranges by begin and size, and NumPy's with masks. */
import type { Attribute } from '../../ir/graph.ts';
import {
  int,
  ints,
  numbers,
  option,
  optionList,
  own,
  rankOf,
  type FileOperator,
  type NodeDraft,
  type Translate,
} from './operator.ts';

/** "To the end" in either direction. */
const farEnd = 2 ** 31;

/** Inputs: tensor, begins, sizes (-1: to the end). */
const bySize: Translate = (operator) => {
  const [begins, sizes] = [numbers(operator, 1), numbers(operator, 2)];
  if (begins === undefined || sizes?.length !== begins.length) return own('SliceBySize')(operator);
  const ends = sizes.map((size, axis) => (size === -1 ? farEnd : begins[axis]! + size));
  return [cut(operator, { starts: begins, ends, axes: [...begins.keys()] }, operator.outputs[0] ?? '')];
};

interface Ranges {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[];
  readonly steps?: readonly number[];
}

function cut(operator: FileOperator, ranges: Ranges, output: string): NodeDraft {
  const lists = Object.entries(ranges) as [string, readonly number[]][];
  const attributes = Object.fromEntries(lists.map(([name, values]) => [name, ints(values)]));
  return { operator: 'Slice', inputs: operator.inputs.slice(0, 1), outputs: [output], attributes };
}

/** What each position of a strided slice's operands stands for. */
interface Places {
  readonly ranges: Ranges;
  /** Axes of the sliced tensor that vanish. */
  readonly shrunk: readonly number[];
  /** Axes of the result that are new. */
  readonly added: readonly number[];
}

/** Option fields: masks by bit of the position. */
function masksOf(operator: FileOperator) {
  const mask = (field: number) => {
    const bits = option(operator, field, 'int32');
    return (position: number) => position < 32 && ((bits >>> position) & 1) === 1;
  };
  return { begin: mask(0), end: mask(1), ellipsis: mask(2), added: mask(3), shrunk: mask(4) };
}

/** Undefined where begins, ends and steps are not constant, or the rank under an ellipsis is not known. */
function placesOf(operator: FileOperator): Places | undefined {
  const [begins, ends, steps] = [1, 2, 3].map((position) => numbers(operator, position));
  const rank = rankOf(operator, 0);
  const count = begins?.length ?? 0;
  if (begins === undefined || ends?.length !== count || (steps?.length ?? count) !== count) return undefined;
  const isOffset = option(operator, 5, 'bool') === 1;
  const masks = masksOf(operator);
  const [starts, stops, axes, strides]: [number[], number[], number[], number[]] = [[], [], [], []];
  const [shrunk, added]: [number[], number[]] = [[], []];
  let [axis, result] = [0, 0];
  for (let position = 0; position < count; position += 1) {
    if (masks.ellipsis(position)) {
      if (rank === undefined) return undefined;
      const after = begins.filter((_, later) => later > position && !masks.added(later)).length;
      const skipped = Math.max(0, rank - axis - after);
      [axis, result] = [axis + skipped, result + skipped];
    } else if (masks.added(position)) {
      added.push(result);
      result += 1;
    } else {
      const step = steps?.[position] ?? 1;
      const begin = begins[position]!;
      const isShrunk = masks.shrunk(position);
      starts.push(masks.begin(position) && !isShrunk ? (step < 0 ? -1 : 0) : begin);
      stops.push(
        endOf({ begin, end: ends[position]! + (isOffset ? begin : 0), step, isShrunk, open: masks.end(position) }),
      );
      strides.push(isShrunk ? 1 : step);
      axes.push(axis);
      if (isShrunk) shrunk.push(axis);
      else result += 1;
      axis += 1;
    }
  }
  return { ranges: { starts, ends: stops, axes, steps: strides }, shrunk, added };
}

interface Position {
  readonly begin: number;
  readonly end: number;
  readonly step: number;
  /** One element is taken and its axis vanishes, whatever the end says. */
  readonly isShrunk: boolean;
  /** To the end, whatever it says. */
  readonly open: boolean;
}

function endOf({ begin, end, step, isShrunk, open }: Position): number {
  if (isShrunk) return begin === -1 ? farEnd : begin + 1;
  return open ? (step < 0 ? -farEnd : farEnd) : end;
}

/** The ranges, then the axes that go, then those that come; the last two move nothing. */
const strided: Translate = (operator) => {
  const places = placesOf(operator);
  if (places === undefined) return own('StridedSlice', maskAttributes)(operator);
  const output = operator.outputs[0] ?? '';
  const { ranges, shrunk, added } = places;
  const views = [
    ...(shrunk.length > 0 ? [{ name: 'Squeeze', axes: shrunk }] : []),
    ...(added.length > 0 ? [{ name: 'Unsqueeze', axes: added }] : []),
  ];
  const names = views.map(({ name }) => operator.inner(name === 'Squeeze' ? 'slice' : 'narrowed'));
  const chain = views.map(({ name, axes }, index): NodeDraft => ({
    operator: name,
    inputs: [names[index]!],
    outputs: [names[index + 1] ?? output],
    attributes: { axes: ints(axes) },
    beside: true,
  }));
  return [cut(operator, ranges, names[0] ?? output), ...chain];
};

function maskAttributes(operator: FileOperator): Record<string, Attribute> {
  const names = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
  return Object.fromEntries(names.map((name, field) => [name, int(option(operator, field, 'int32'))]));
}

/** Of StableHLO: begins, limits and strides are options. */
const byOptions: Translate = (operator) => {
  const [starts = [], ends = [], steps = []] = [0, 1, 2].map((field) => optionList(operator, field, 'int64'));
  return [cut(operator, { starts, ends, steps, axes: [...starts.keys()] }, operator.outputs[0] ?? '')];
};

/** By builtin code. */
export const sliceTranslations: readonly (readonly [code: number, translate: Translate])[] = [
  [45, strided],
  [65, bySize],
  [172, byOptions],
];
