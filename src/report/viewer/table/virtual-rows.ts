/** Only the lines in sight are in the page: what TanStack's virtual list needs to know from Preact. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

export interface VirtualList {
  readonly count: number;
  readonly rowHeight: number;
  readonly headerHeight: number;
  readonly footerHeight: number;
  /** Kept in the page wherever it is: the line that has the keyboard's focus; -1: none. */
  readonly pinned: number;
}

export interface VirtualRows {
  readonly items: readonly { readonly index: number; readonly top: number }[];
  readonly height: number;
  readonly scrollTo: (index: number) => void;
}

type ElementVirtualizer = Virtualizer<HTMLElement, HTMLElement>;

export function useVirtualRows(scroller: RefObject<HTMLElement | null>, list: VirtualList): VirtualRows {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  const [virtualizer] = useState<ElementVirtualizer>(() => new Virtualizer(optionsOf(scroller, list, () => undefined)));
  virtualizer.setOptions(optionsOf(scroller, list, () => redraw(undefined)));
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  // Heights are all the same, but another size of text makes them all others.
  useLayoutEffect(() => virtualizer.measure(), [list.rowHeight]);
  return {
    items: virtualizer.getVirtualItems().map(({ index, start }) => ({ index, top: start - list.headerHeight })),
    height: list.count * list.rowHeight,
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}

function optionsOf(scroller: RefObject<HTMLElement | null>, list: VirtualList, onChange: () => void) {
  const { count, rowHeight, headerHeight, footerHeight, pinned } = list;
  return {
    ...{ count, onChange, observeElementRect, observeElementOffset, scrollToFn: elementScroll, overscan: 8 },
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    ...{ scrollMargin: headerHeight, scrollPaddingStart: headerHeight, scrollPaddingEnd: footerHeight },
    rangeExtractor: ({
      startIndex,
      endIndex,
      overscan,
    }: {
      startIndex: number;
      endIndex: number;
      overscan: number;
    }) => {
      const from = Math.max(startIndex - overscan, 0);
      const to = Math.min(endIndex + overscan, count - 1);
      const inSight = Array.from({ length: Math.max(to - from + 1, 0) }, (_, index) => from + index);
      if (pinned < 0 || pinned >= count || (pinned >= from && pinned <= to)) return inSight;
      return pinned < from ? [pinned, ...inSight] : [...inSight, pinned];
    },
  };
}
