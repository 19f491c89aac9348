/** Draws the lanes. */
import { sideName } from '../model/describe';
import { placeLabels, type Label } from '../model/labels';
import { blockTitleHeight, labelHeight, type Block, type Lane } from '../model/layout';
import { ticksOf } from '../model/ticks';
import { toX } from '../model/time-scale';
import type { Canvas } from './canvas';
import { drawStrip } from './draw-items';
import { gutter, type Frame } from './frame';
import { colorOfSide } from './theme';

/** Room for about one label of the ruler, in pixels. */
export const pixelsPerTick = 90;

/** A label that stands in the line of its lane: whoever clicks it means its item. */
export interface DrawnLabel extends Label {
  readonly top: number;
}

/** @returns the labels that it found room for outside of their items */
export function drawLanes(canvas: Canvas, frame: Frame): readonly DrawnLabel[] {
  const { context, width, height } = canvas;
  const { theme, layout, scale } = frame;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  context.textBaseline = 'middle';
  context.font = theme.font;

  context.save();
  context.beginPath();
  context.rect(scale.left, 0, scale.width, height);
  context.clip();
  drawGrid(canvas, frame);
  drawStandstill(canvas, frame);
  drawSelectionLine(canvas, frame);
  const labels = layout.lanes.flatMap((lane) => drawLane(canvas, lane, frame));
  drawPointer(canvas, frame);
  context.restore();

  for (const block of layout.blocks) drawBlock(canvas, block, frame);
  drawLaneNames(canvas, frame);
  return labels;
}

function drawGrid({ context, height }: Canvas, { scale, theme }: Frame): void {
  context.fillStyle = theme.grid;
  context.globalAlpha = 0.6;
  for (const { us } of ticksOf(scale.viewport, scale.width / pixelsPerTick).ticks) {
    context.fillRect(Math.round(toX(scale, us)), 0, 1, height);
  }
  context.globalAlpha = 1;
}

/** Through everything, and never too narrow to be seen. */
function drawStandstill({ context, height }: Canvas, { model, scale, theme, nowUs }: Frame): void {
  const { standstill } = model;
  if (standstill === undefined) return;
  const left = toX(scale, standstill.startUs);
  const right = toX(scale, Math.min(standstill.endUs, nowUs));
  const width = Math.max(right - left, 2);
  context.fillStyle = theme.bad;
  context.globalAlpha = theme.border === undefined ? 0.16 : 0.3;
  context.fillRect(left, 0, width, height);
  context.globalAlpha = 0.6;
  context.fillRect(left, 0, 1, height);
  context.fillRect(left + width - 1, 0, 1, height);
  context.globalAlpha = 1;
}

function drawSelectionLine({ context, height }: Canvas, { selected, scale, theme }: Frame): void {
  if (selected === undefined) return;
  context.fillStyle = theme.focus;
  context.globalAlpha = 0.5;
  context.fillRect(Math.round(toX(scale, selected.startUs)), 0, 1, height);
  context.globalAlpha = 1;
}

function drawPointer({ context, height }: Canvas, frame: Frame): void {
  const { pointerUs, marked, scale, theme } = frame;
  if (marked !== undefined) {
    const left = toX(scale, marked.startUs);
    const width = toX(scale, marked.endUs) - left;
    context.fillStyle = theme.focus;
    context.globalAlpha = 0.25;
    context.fillRect(left, 0, width, height);
    context.globalAlpha = 1;
    context.fillRect(left, 0, 1, height);
    context.fillRect(left + width, 0, 1, height);
  } else if (pointerUs !== undefined) {
    context.fillStyle = theme.foreground;
    context.globalAlpha = 0.25;
    context.fillRect(Math.round(toX(scale, pointerUs)), 0, 1, height);
    context.globalAlpha = 1;
  }
}

function drawLane(canvas: Canvas, lane: Lane, frame: Frame): DrawnLabel[] {
  const wanted: Label[] = [];
  for (const strip of lane.strips) drawStrip(canvas, lane, strip, frame, wanted);
  const top = lane.labels.lineTop;
  if (top === undefined) return [];
  const { context } = canvas;
  const { scale, theme } = frame;
  const y = top + labelHeight / 2;
  const placed = placeLabels(wanted, scale.left - 4, scale.left + scale.width);
  return placed.map((label) => {
    const isNoted = label.item === frame.selected || label.item === frame.hovered;
    context.fillStyle = isNoted ? theme.foreground : theme.dim;
    context.fillText(label.text, label.x, y);
    return { ...label, top };
  });
}

function drawBlock({ context, width }: Canvas, block: Block, { theme, widths }: Frame): void {
  const { instance, side, top, height } = block;
  const color = colorOfSide(theme, side);
  context.fillStyle = theme.grid;
  context.fillRect(0, top - 5, width, 1);
  context.fillStyle = color;
  context.fillRect(4, top, 3, height);
  const y = top + blockTitleHeight / 2;
  context.font = theme.boldFont;
  const title = `#${instance.id} ${sideName(side)}`;
  const facts = [
    ...(instance.version === undefined ? [] : [`QEMU ${instance.version}`]),
    ...(instance.pid === undefined ? [] : [`pid ${instance.pid}`]),
  ].join(' · ');
  const left = 14 + context.measureText(title).width + 10;
  const font = context.font;
  context.font = theme.font;
  // What is behind it goes on beside it.
  context.fillStyle = theme.background;
  context.fillRect(8, y - 8, left + widths.of(context, facts), 16);
  context.fillStyle = theme.dim;
  context.fillText(facts, left, y);
  context.font = font;
  context.fillStyle = color;
  context.fillText(title, 14, y);
  context.font = theme.font;
}

function drawLaneNames({ context }: Canvas, { layout, theme }: Frame): void {
  for (const { label, instance, strips, top, height } of layout.lanes) {
    const [first, last] = [strips[0], strips.at(-1)];
    const middle = first && last ? (first.top + last.top + last.height) / 2 : top + height / 2;
    context.fillStyle = instance === undefined ? theme.foreground : theme.dim;
    context.fillText(label, 14, middle, gutter - 20);
  }
}
