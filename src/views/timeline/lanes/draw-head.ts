/** Draws what stands above the lanes: the whole trace in small, the ruler, the standstill's length. */
import { placeFlags, type FlagWish } from '../model/flags';
import { formatDuration, formatTime } from '../model/format';
import { isFailed } from '../model/items';
import { ticksOf } from '../model/ticks';
import { timeScale, toX, type TimeScale } from '../model/time-scale';
import { fit } from '../model/viewport';
import { t } from '../l10n';
import type { Canvas } from './canvas';
import { pixelsPerTick } from './draw-lanes';
import { gutter, rightMargin, type Frame } from './frame';
import { colorOf } from './marks';

const overview = { top: 6, height: 14 };
export const ruler = { top: 26, height: 20 };
export const flag = { top: 46, height: 18 };
export const headHeight = 66;

/** Of the small picture of everything. */
export function overviewScale(nowUs: number, width: number): TimeScale {
  return timeScale(fit({ startUs: 0, endUs: Math.max(nowUs, 1) }), gutter, width);
}

export function drawHead(canvas: Canvas, frame: Frame): void {
  const { context, width, height } = canvas;
  const { theme } = frame;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  context.textBaseline = 'middle';
  context.font = theme.font;
  drawOverview(canvas, frame);
  drawRuler(canvas, frame);
  drawFlags(canvas, frame);
  context.fillStyle = theme.grid;
  context.fillRect(0, height - 1, width, 1);
}

function drawOverview({ context }: Canvas, frame: Frame): void {
  const { model, theme, nowUs, scale } = frame;
  const all = overviewScale(nowUs, scale.width);
  const { top, height } = overview;
  context.fillStyle = theme.dim;
  context.fillText(t('Overview'), 14, top + height / 2, gutter - 20);
  const bar = (startUs: number, endUs: number, color: string, alpha: number, narrowest = 1) => {
    context.fillStyle = color;
    context.globalAlpha = alpha;
    const left = toX(all, startUs);
    context.fillRect(
      left,
      top,
      Math.max(toX(all, Math.min(endUs, nowUs)) - left, narrowest),
      height,
    );
    context.globalAlpha = 1;
  };
  for (const { items } of model.phases.rows) {
    for (const item of items) bar(item.startUs, item.endUs, colorOf(item, model, theme), 0.5);
  }
  for (const { startUs, endUs } of model.standstills) bar(startUs, endUs, theme.bad, 1, 2);
  for (const { items } of model.phases.rows) {
    for (const item of items) if (isFailed(item)) bar(item.endUs, item.endUs, theme.bad, 1, 2);
  }
  for (const { startUs } of model.hops.slice(1)) {
    context.fillStyle = theme.background;
    context.fillRect(toX(all, startUs) - 1, top, 2, height);
  }
  const left = Math.max(toX(all, scale.viewport.startUs), all.left);
  const right = Math.min(toX(all, scale.viewport.endUs), all.left + all.width);
  context.fillStyle = theme.background;
  context.globalAlpha = 0.6;
  context.fillRect(all.left, top, left - all.left, height);
  context.fillRect(right, top, all.left + all.width - right, height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.foreground;
  context.lineWidth = 1;
  context.strokeRect(
    Math.round(left) - 0.5,
    top - 2.5,
    Math.max(Math.round(right - left), 3) + 1,
    height + 5,
  );
}

function drawRuler({ context, width }: Canvas, { scale, theme, pointerUs, widths }: Frame): void {
  const { base, ticks } = ticksOf(scale.viewport, scale.width / pixelsPerTick);
  const y = ruler.top + ruler.height / 2;
  context.fillStyle = theme.foreground;
  if (base !== undefined) context.fillText(base, 14, y, gutter - 20);
  context.save();
  context.beginPath();
  context.rect(scale.left, 0, width - scale.left, headHeight);
  context.clip();
  for (const { us, label } of ticks) {
    const x = Math.round(toX(scale, us));
    context.fillStyle = theme.grid;
    context.fillRect(x, ruler.top, 1, headHeight - ruler.top);
    if (x + 4 + widths.of(context, label) > width) continue;
    context.fillStyle = theme.dim;
    context.fillText(label, x + 4, y);
  }
  context.restore();
  if (pointerUs === undefined) return;
  const text = `${formatTime(pointerUs)} ms`;
  const boxWidth = widths.of(context, text) + 10;
  const x = Math.round(toX(scale, pointerUs) - boxWidth / 2);
  const left = Math.min(Math.max(x, scale.left), width - boxWidth - 1);
  context.fillStyle = theme.foreground;
  context.fillRect(left, ruler.top + 1, boxWidth, ruler.height - 3);
  context.fillStyle = theme.background;
  context.fillText(text, left + 5, y);
}

/** The length of each standstill; an arrow where it is out of sight. */
function drawFlags({ context }: Canvas, { model, scale, theme, nowUs, widths }: Frame): void {
  const edge = scale.left + scale.width;
  const texts = new Map<FlagWish, readonly [full: string, short: string]>();
  for (const { startUs, endUs } of model.standstills) {
    const length = formatDuration(Math.min(endUs, nowUs) - startUs);
    const text =
      endUs === Infinity
        ? t('guest stands still, {0} so far', length)
        : t('guest stood still for {0}', length);
    const left = toX(scale, startUs);
    const right = Math.max(toX(scale, Math.min(endUs, nowUs)), left + 2);
    const [before, behind] = [right < scale.left ? '◂ ' : '', left > edge ? ' ▸' : ''];
    const [full, short] = [`${before}${text}${behind}`, `${before}${length}${behind}`];
    const room = [widths.of(context, full), widths.of(context, short)] as const;
    texts.set({ left, right, widths: room }, [full, short]);
  }
  const y = flag.top + flag.height / 2;
  context.fillStyle = theme.bad;
  for (const { left, right } of texts.keys()) {
    const [from, to] = [Math.max(left, scale.left), Math.min(right, edge)];
    if (to > from) context.fillRect(from, flag.top + flag.height - 3, to - from, 3);
  }
  for (const { wish, x, isShort, place } of placeFlags([...texts.keys()], {
    left: scale.left,
    right: edge,
  })) {
    const text = texts.get(wish)?.[isShort ? 1 : 0] ?? '';
    if (place === 'beside') {
      context.fillStyle = theme.background;
      context.fillRect(x - 2, flag.top, wish.widths[isShort ? 1 : 0] + 4, flag.height - 2);
      context.fillStyle = theme.bad;
    }
    context.fillText(text, x, place === 'inside' ? y - 2 : y);
  }
}

export const overviewBottom = overview.top + overview.height + 3;
export const plotWidth = (width: number) => Math.max(width - gutter - rightMargin, 1);
