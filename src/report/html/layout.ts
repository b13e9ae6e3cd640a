/** Where the children of each module lie. All boxes are of one size, so modules of one structure have one plan. */
import type { ModuleLayout, PageEdge, PageModule, Wire } from './document.ts';
import { planOf } from './plan.ts';
import type { Link, Plan } from './plan-parts.ts';

/** Of lines that come from outside or go there, and how far they are from the box's corner. */
const outsideLine = { length: 18, inset: 16 } as const;

type Point = readonly [number, number];

/** By id of the module, of every module with a child. */
export function layoutsOf(root: PageModule, edges: readonly PageEdge[]): ReadonlyMap<string, ModuleLayout> {
  const { places, modules } = placesIn(root);
  const wires = wiresOf(edges, places);
  const plans = new Map<string, Plan>();
  const layouts = new Map<string, ModuleLayout>();
  for (const module of modules) {
    const own = wires.get(module) ?? [];
    const links = own.filter(({ from, to }) => from >= 0 && to >= 0);
    const key = `${module.children.length} ${links.map(({ from, to }) => `${from}-${to}`).join()}`;
    const plan = plans.get(key) ?? planOf(module.children.length, links);
    plans.set(key, plan);
    layouts.set(module.id, withWires(plan, links, own));
  }
  return layouts;
}

/** A row or a module in the tree. */
interface Place {
  readonly inside: PageModule;
  /** Among the module's children. */
  readonly index: number;
  readonly depth: number;
  /** Of the module that it is in; undefined in the root. */
  readonly above: Place | undefined;
}

interface Places {
  readonly places: ReadonlyMap<number, Place>;
  readonly modules: readonly PageModule[];
}

function placesIn(root: PageModule): Places {
  const places = new Map<number, Place>();
  const modules: PageModule[] = [];
  const walk = (inside: PageModule, depth: number, above: Place | undefined): void => {
    if (inside.children.length > 0) modules.push(inside);
    for (const [index, child] of inside.children.entries()) {
      const place = { inside, index, depth, above };
      if (typeof child === 'number') places.set(child, place);
      else walk(child, depth + 1, place);
    }
  };
  walk(root, 0, undefined);
  return { places, modules };
}

type LinkedWire = Omit<Wire, 'points'>;

/** An edge is a line in the innermost module that holds both ends, and one over the border in each module on its way. */
function wiresOf(
  edges: readonly PageEdge[],
  places: ReadonlyMap<number, Place>,
): ReadonlyMap<PageModule, readonly LinkedWire[]> {
  const byModule = new Map<PageModule, Map<string, LinkedWire & { readonly edges: number[] }>>();
  const add = (inside: PageModule, link: Link, edge: number): void => {
    const wires = byModule.get(inside) ?? new Map<string, LinkedWire & { readonly edges: number[] }>();
    byModule.set(inside, wires);
    const key = `${link.from} ${link.to}`;
    const known = wires.get(key);
    if (known === undefined) wires.set(key, { ...link, edges: [edge] });
    else known.edges.push(edge);
  };
  for (const [index, edge] of edges.entries()) {
    let [from, to] = [places.get(edge.from)!, places.get(edge.to)!];
    while (from.inside !== to.inside) {
      if (from.depth >= to.depth) {
        add(from.inside, { from: from.index, to: -1 }, index);
        from = from.above!;
      } else {
        add(to.inside, { from: -1, to: to.index }, index);
        to = to.above!;
      }
    }
    add(from.inside, { from: from.index, to: to.index }, index);
  }
  return new Map(Array.from(byModule, ([inside, wires]) => [inside, [...wires.values()]]));
}

function withWires(plan: Plan, links: readonly LinkedWire[], wires: readonly LinkedWire[]): ModuleLayout {
  const lines = new Map(links.map((link, index) => [link, plan.lines[index]!]));
  return {
    width: plan.width,
    height: plan.height,
    boxes: plan.boxes,
    wires: wires.map((wire) => ({ ...wire, points: lines.get(wire) ?? outsidePoints(plan, wire) })),
  };
}

function outsidePoints({ boxes }: Plan, { from, to }: LinkedWire): readonly Point[] {
  const { x, y, width, height } = boxes[Math.max(from, to)]!;
  const left = x + outsideLine.inset;
  const right = x + width - outsideLine.inset;
  if (from < 0) return [[left, y - outsideLine.length], [left, y]]; // prettier-ignore
  return [[right, y + height], [right, y + height + outsideLine.length]]; // prettier-ignore
}
