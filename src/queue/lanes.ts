/** What waits, in a lane for each group. */
interface Lane<Item> {
  readonly waiting: Map<string, Item>;
  isBusy: boolean;
}

/** The order in which jobs of one process are taken: each group in turn, and within a group as they came. */
export interface Lanes<Item> {
  /** Takes the place of the one that waits under the same id, if any. */
  readonly put: (item: Item) => void;
  /** The next one whose group is free; the group is busy from then on. */
  readonly take: () => Item | undefined;
  readonly release: (group: string) => void;
  readonly isWaiting: (item: Item) => boolean;
  readonly waitingCount: () => number;
}

export function createLanes<Item extends { readonly id: string; readonly group: string }>(): Lanes<Item> {
  const lanes = new Map<string, Lane<Item>>();
  /** Groups that are free and have something waiting; a set keeps the order. */
  const ready = new Set<string>();
  let waitingCount = 0;

  function put(item: Item): void {
    const lane = lanes.get(item.group) ?? { waiting: new Map<string, Item>(), isBusy: false };
    lanes.set(item.group, lane);
    if (!lane.waiting.has(item.id)) waitingCount += 1;
    lane.waiting.set(item.id, item);
    if (!lane.isBusy) ready.add(item.group);
  }

  function take(): Item | undefined {
    const [group] = ready;
    if (group === undefined) return undefined;
    ready.delete(group);
    const lane = lanes.get(group)!;
    // A group is ready only while something waits in it.
    const [item] = lane.waiting.values();
    lane.waiting.delete(item!.id);
    lane.isBusy = true;
    waitingCount -= 1;
    return item;
  }

  function release(group: string): void {
    const lane = lanes.get(group);
    if (lane === undefined) return;
    lane.isBusy = false;
    if (lane.waiting.size > 0) ready.add(group);
    else lanes.delete(group);
  }

  return {
    put,
    take,
    release,
    isWaiting: (item) => lanes.get(item.group)?.waiting.has(item.id) ?? false,
    waitingCount: () => waitingCount,
  };
}
