/** Which part of the picture is seen: plane to screen and back. */
import type { Box } from '../../html/document.ts';

/** What of the plane lies at the upper left corner of the screen, and how many pixels a unit of it takes. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const smallest = 0.04;
const largest = 4;
const margin = 24;

/** Below this, names cannot be read. */
const readable = 0.6;

function inRange(scale: number): number {
  return Math.min(largest, Math.max(smallest, scale));
}

/** All of it in the middle, no larger than it was drawn. */
export function fitted(picture: Size, screen: Size): Viewport {
  const across = (screen.width - 2 * margin) / Math.max(1, picture.width);
  const down = (screen.height - 2 * margin) / Math.max(1, picture.height);
  const scale = inRange(Math.min(1, across, down));
  return {
    x: picture.width / 2 - screen.width / 2 / scale,
    y: picture.height / 2 - screen.height / 2 / scale,
    scale,
  };
}

/** All of it where that can be read, else its beginning: the top of a tall picture, the middle of its width. */
export function opening(picture: Size, screen: Size): Viewport {
  const all = fitted(picture, screen);
  if (all.scale >= readable) return all;
  const scale = readable;
  const room = screen.height / scale;
  return {
    x: picture.width / 2 - screen.width / 2 / scale,
    y: picture.height <= room ? picture.height / 2 - room / 2 : -margin / scale,
    scale,
  };
}

/** What lies under `at` stays there. @param at pixels from the upper left corner of the screen */
export function zoomed(view: Viewport, factor: number, at: Point): Viewport {
  const scale = inRange(view.scale * factor);
  return { x: view.x + at.x / view.scale - at.x / scale, y: view.y + at.y / view.scale - at.y / scale, scale };
}

/** The picture follows a hand that moves by so many pixels. */
export function panned(view: Viewport, across: number, down: number): Viewport {
  return { ...view, x: view.x - across / view.scale, y: view.y - down / view.scale };
}

export function centred(view: Viewport, on: Point, screen: Size): Viewport {
  return { ...view, x: on.x - screen.width / 2 / view.scale, y: on.y - screen.height / 2 / view.scale };
}

/** What is in the middle stays there when the screen changes its size. */
export function resized(view: Viewport, from: Size, to: Size): Viewport {
  return {
    ...view,
    x: view.x + (from.width - to.width) / 2 / view.scale,
    y: view.y + (from.height - to.height) / 2 / view.scale,
  };
}

export function middleOf({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

/** Some of the picture stays in sight, however far it is pushed. */
export function kept(view: Viewport, picture: Size, screen: Size): Viewport {
  const [across, down] = [screen.width / view.scale, screen.height / view.scale];
  const rest = (length: number) => Math.min(60 / view.scale, length);
  const between = (low: number, value: number, high: number) => Math.min(Math.max(low, value), Math.max(low, high));
  return {
    x: between(rest(picture.width) - across, view.x, picture.width - rest(picture.width)),
    y: between(rest(picture.height) - down, view.y, picture.height - rest(picture.height)),
    scale: view.scale,
  };
}

/** The part of the plane that is seen. */
export function seen({ x, y, scale }: Viewport, { width, height }: Size): Box {
  return { x, y, width: width / scale, height: height / scale };
}

export function onPlane({ x, y, scale }: Viewport, at: Point): Point {
  return { x: x + at.x / scale, y: y + at.y / scale };
}

/** The view, or the nearest one in which all of the box is in sight. */
export function showing(view: Viewport, box: Box, screen: Size): Viewport {
  const part = seen(view, screen);
  const inside =
    box.x >= part.x &&
    box.y >= part.y &&
    box.x + box.width <= part.x + part.width &&
    box.y + box.height <= part.y + part.height;
  return inside ? view : centred(view, middleOf(box), screen);
}
