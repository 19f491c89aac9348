/** Draws the lanes. */
import { sideName } from '../model/describe';
import { placeLabels, type Label } from '../model/labels';
import { blockTitleHeight, labelHeight, type Block, type Lane } from '../model/layout';
import type { Standstill } from '../model/standstill';
import { ticksOf } from '../model/ticks';
import { toX } from '../model/time-scale';
import { visibleText } from '../visible-text';
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
  const { model, theme, layout, scale } = frame;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  context.textBaseline = 'middle';
  context.font = theme.font;

  context.save();
  context.beginPath();
  context.rect(scale.left, 0, scale.width, height);
  context.clip();
  drawGrid(canvas, frame);
  drawHopBounds(canvas, frame);
  for (const standstill of model.standstills) drawStandstill(canvas, standstill, frame);
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

/** Where one migration ends and the next one begins. */
function drawHopBounds({ context, height }: Canvas, { model, scale, theme }: Frame): void {
  context.fillStyle = theme.foreground;
  context.globalAlpha = 0.4;
  for (const { startUs } of model.hops.slice(1)) {
    const x = Math.round(toX(scale, startUs));
    for (let y = 0; y < height; y += 6) context.fillRect(x, y, 1, 3);
  }
  context.globalAlpha = 1;
}

/** Through everything, and never too narrow to be seen. */
function drawStandstill(
  { context, height }: Canvas,
  standstill: Standstill,
  { scale, theme, nowUs }: Frame,
): void {
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
  const { instance, top, height } = block;
  const { roles } = instance;
  context.fillStyle = theme.grid;
  context.fillRect(0, top - 5, width, 1);
  for (const [index, { side }] of roles.entries()) {
    context.fillStyle = colorOfSide(theme, side);
    const share = height / roles.length;
    context.fillRect(4, top + index * share, 3, share);
  }
  const y = top + blockTitleHeight / 2;
  context.font = theme.boldFont;
  const words = roles.map(({ side }, index) => ({
    text: index === 0 ? `#${instance.id} ${sideName(side)}` : `→ ${sideName(side)}`,
    color: colorOfSide(theme, side),
  }));
  const facts = [
    ...(instance.version === undefined ? [] : [`QEMU ${instance.version}`]),
    ...(instance.pid === undefined ? [] : [`pid ${instance.pid}`]),
    ...(instance.manager === undefined ? [] : [visibleText(instance.manager)]),
  ].join(' · ');
  const title = words.map(({ text }) => text).join(' ');
  const left = 14 + context.measureText(title).width + 10;
  const font = context.font;
  context.font = theme.font;
  // What is behind it goes on beside it.
  context.fillStyle = theme.background;
  context.fillRect(8, y - 8, left + widths.of(context, facts), 16);
  context.fillStyle = theme.dim;
  context.fillText(facts, left, y);
  context.font = font;
  let x = 14;
  for (const { text, color } of words) {
    context.fillStyle = color;
    context.fillText(text, x, y);
    x += context.measureText(`${text} `).width;
  }
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
