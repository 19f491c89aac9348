/** Draws the items of a lane: bars for what takes time, marks for moments. */
import { nameOf } from '../model/describe';
import { formatDuration } from '../model/format';
import type { Item } from '../model/items';
import { priorityOf, type Label } from '../model/labels';
import type { Lane, Strip } from '../model/layout';
import { toX } from '../model/time-scale';
import { eachVisible, type Shape } from '../model/visible';
import type { Canvas } from './canvas';
import type { Frame } from './frame';
import { colorOf, drawGlyph, glyphOf } from './marks';

/** @param wanted gets the labels for which there is no room within the items */
export function drawStrip(
  canvas: Canvas,
  lane: Lane,
  strip: Strip,
  frame: Frame,
  wanted: Label[],
): void {
  const { context } = canvas;
  const { scale, nowUs, widths } = frame;
  const inLine = lane.labels.lineTop !== undefined;
  eachVisible(strip, scale, nowUs, (shape) => {
    const isNamed =
      strip.shape === 'bar'
        ? drawBar(canvas, lane, strip, shape, frame)
        : drawMark(canvas, strip, shape, frame);
    if (isNamed || !inLine || shape.x < scale.left - 4) return;
    const { item, count } = shape;
    const isNoted = item === frame.selected || item === frame.hovered;
    const priority = isNoted ? 9 : priorityOf(item);
    // The name of one of many says nothing of the others.
    if (count > mostNamedByOne && priority < 2) return;
    const text = shorten(nameOf(item)) + (count > 1 ? ` +${count - 1}` : '');
    wanted.push({
      item,
      text,
      x: strip.shape === 'bar' ? shape.x : shape.x - 4,
      width: widths.of(context, text),
      priority,
    });
  });
  const { selected, hovered } = frame;
  for (const item of [hovered, selected]) {
    if (item !== undefined && strip.track.indexOf(item) >= 0) outline(canvas, strip, item, frame);
  }
}

/** @returns whether its name stands in it */
function drawBar(
  { context }: Canvas,
  lane: Lane,
  { top, height }: Strip,
  { item, x, width, count }: Shape,
  { model, scale, theme, widths }: Frame,
): boolean {
  if (item.kind === 'run-state' && item.state === 'gone') {
    context.fillStyle = theme.dim;
    context.globalAlpha = 0.5;
    context.fillRect(Math.max(x, scale.left), top + height / 2, width, 1);
    context.globalAlpha = 1;
    return true;
  }
  const left = Math.max(x, scale.left - 4);
  const right = Math.min(x + width, scale.left + scale.width + 4);
  const color = colorOf(item, model, theme);
  const isThin = right - left < 4;
  const isOpen = item.endUs === Infinity && item.kind !== 'run-state';
  // A pixel of air between neighbours, where there is room for it.
  const air = isThin || lane.id.startsWith('qmp') ? 0 : 1;
  context.fillStyle = color;
  context.globalAlpha = barAlpha(item, isThin, theme.fill) * (isOpen ? 0.7 : 1);
  const shown = Math.max(right - left - air, 1);
  // Paths cost more than rectangles: they are for the few that are large.
  if (isThin || height < 12) {
    context.fillRect(left, top, shown, height);
  } else {
    context.beginPath();
    context.roundRect(left, top, shown, height, 2);
    context.fill();
  }
  context.globalAlpha = 1;
  if (theme.border !== undefined && !isThin) {
    context.strokeStyle = color;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, right - left - air - 1, height - 1);
  }
  if (item.kind === 'exchange' && item.origin !== undefined) {
    context.fillStyle = theme.foreground;
    context.fillRect(left, top, right - left, 2);
  }
  if (!lane.labels.inside || count > 1 || right - left < 16) return false;
  const room = Math.min(right, scale.left + scale.width) - Math.max(left, scale.left) - 10;
  const text = textFor(item, room, (name) => widths.of(context, name));
  if (text === undefined) return lane.labels.lineTop === undefined;
  context.fillStyle = theme.foreground;
  context.fillText(text, Math.max(left, scale.left) + 5, top + height / 2 + 0.5);
  return true;
}

function barAlpha({ kind }: Item, isThin: boolean, fill: number): number {
  if (isThin) return 1;
  if (kind === 'exchange') return fill === 0 ? 0.35 : 0.75;
  return kind === 'step' ? fill * 0.7 : fill;
}

/** With how long it took if there is room, by its name alone, or not at all. */
function textFor(item: Item, room: number, widthOf: (text: string) => number): string | undefined {
  const name = nameOf(item);
  if (item.endUs !== Infinity) {
    const withDuration = `${name}  ${formatDuration(item.endUs - item.startUs)}`;
    if (widthOf(withDuration) <= room) return withDuration;
  }
  return widthOf(name) <= room ? name : undefined;
}

function drawMark(
  { context }: Canvas,
  { top, height }: Strip,
  { item, x, count, failed }: Shape,
  { model, theme }: Frame,
): boolean {
  const color = failed ? theme.bad : colorOf(item, model, theme);
  const y = top + height / 2;
  if (count > mostNamedByOne) {
    context.fillStyle = color;
    context.fillRect(x - 1, y - 3.5, 2, 7);
    return false;
  }
  context.fillStyle = theme.background;
  context.beginPath();
  context.arc(x, y, 5, 0, 2 * Math.PI);
  context.fill();
  drawGlyph(context, glyphOf(item), x, y, color);
  return false;
}

function outline({ context }: Canvas, strip: Strip, item: Item, frame: Frame): void {
  const { scale, theme, nowUs, selected } = frame;
  const left = Math.max(toX(scale, item.startUs), scale.left - 10);
  const right = Math.min(toX(scale, Math.min(item.endUs, nowUs)), scale.left + scale.width + 10);
  if (right < left) return;
  const { top, height } = strip;
  context.strokeStyle = item === selected ? theme.focus : theme.foreground;
  context.lineWidth = item === selected ? 2 : 1;
  context.beginPath();
  if (strip.shape === 'mark') context.arc(left, top + height / 2, 6.5, 0, 2 * Math.PI);
  else context.roundRect(left - 1.5, top - 1.5, Math.max(right - left, 2) + 3, height + 3, 3);
  context.stroke();
}

const longestLabel = 64;
const mostNamedByOne = 3;

function shorten(text: string): string {
  const [line = ''] = text.split('\n', 1);
  return line.length > longestLabel ? `${line.slice(0, longestLabel - 1)}…` : line;
}
