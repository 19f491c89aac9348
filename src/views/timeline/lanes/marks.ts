/** What items look like: the colours of bars, and the shapes of marks. */
import { isFailed, type Item, type RunStateItem } from '../model/items';
import type { TraceModel } from '../model/trace-model';
import { colorOfSide, type Theme } from './theme';

export function colorOf(item: Item, model: TraceModel, theme: Theme): string {
  if (isFailed(item)) return theme.bad;
  switch (item.kind) {
    case 'phase':
    case 'exchange':
    case 'table':
      return colorOfSide(theme, model.sideOf(item));
    case 'hop':
      return theme.neutral;
    case 'step':
      return item.progress === 'undone' ? theme.warning : theme.neutral;
    case 'run-state':
      return colorOfState(item, theme);
    case 'event':
      return item.name === 'RESUME'
        ? theme.good
        : item.name === 'STOP'
          ? theme.paused
          : theme.warning;
    case 'output':
      return /warning/i.test(item.text) ? theme.warning : theme.foreground;
    case 'take-back':
    case 'verdict':
      return theme.good;
    case 'warning':
      return theme.warning;
    case 'greeting':
    case 'process':
    case 'ram':
      return theme.dim;
  }
}

function colorOfState({ state }: RunStateItem, theme: Theme): string {
  switch (state) {
    case 'running':
      return theme.good;
    case 'paused':
    case 'suspended':
      return theme.paused;
    case 'inmigrate':
      return theme.target;
    case 'internal-error':
    case 'io-error':
    case 'guest-panicked':
    case 'watchdog':
      return theme.bad;
    default:
      return theme.neutral;
  }
}

export type Glyph =
  'circle' | 'ring' | 'diamond' | 'triangle' | 'square' | 'start' | 'check' | 'cross';

export function glyphOf(item: Item): Glyph {
  switch (item.kind) {
    case 'greeting':
      return 'ring';
    case 'process':
      return item.edge === 'start' ? 'start' : 'square';
    case 'table':
      return 'diamond';
    case 'output':
      return /warning/i.test(item.text) ? 'triangle' : 'square';
    case 'warning':
      return 'triangle';
    case 'take-back':
      return item.error === undefined ? 'check' : 'cross';
    case 'verdict':
      return isFailed(item) ? 'cross' : 'check';
    default:
      return 'circle';
  }
}

/** Around a point, 8 pixels wide, in one colour. */
export function drawGlyph(
  context: CanvasRenderingContext2D,
  glyph: Glyph,
  x: number,
  y: number,
  color: string,
): void {
  context.fillStyle = context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  switch (glyph) {
    case 'circle':
      context.arc(x, y, 3.5, 0, 2 * Math.PI);
      context.fill();
      return;
    case 'ring':
      context.arc(x, y, 3, 0, 2 * Math.PI);
      context.stroke();
      return;
    case 'diamond':
      polygon(context, x, y - 4.5, x + 4.5, y, x, y + 4.5, x - 4.5, y);
      return;
    case 'triangle':
      polygon(context, x, y - 4.5, x + 4.5, y + 4, x - 4.5, y + 4);
      return;
    case 'start':
      polygon(context, x - 3, y - 4, x + 4.5, y, x - 3, y + 4);
      return;
    case 'square':
      context.fillRect(x - 3, y - 3, 6, 6);
      return;
    case 'check':
      context.moveTo(x - 4, y);
      context.lineTo(x - 1, y + 3.5);
      context.lineTo(x + 4, y - 3.5);
      context.stroke();
      return;
    case 'cross':
      context.moveTo(x - 3.5, y - 3.5);
      context.lineTo(x + 3.5, y + 3.5);
      context.moveTo(x + 3.5, y - 3.5);
      context.lineTo(x - 3.5, y + 3.5);
      context.stroke();
      return;
  }
}

function polygon(context: CanvasRenderingContext2D, ...points: readonly number[]): void {
  for (let i = 0; i < points.length; i += 2) context.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
  context.closePath();
  context.fill();
}
